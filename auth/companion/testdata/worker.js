// What InsForge's runtime does around one edge function call, in a worker with
// the same permissions: no environment, no files, the network alone. The clock
// is the one addition, so that a token can be a second too old.
self.onmessage = async ({ data }) => {
  Date.now = () => data.now
  const deno = {
    env: { get: (key) => data.env[key] ?? undefined },
    run: () => { throw new Error("Deno.run is disabled") },
    spawn: () => { throw new Error("Deno.spawn is disabled") },
    Command: function () { throw new Error("Deno.Command is disabled") },
  }
  if (data.fresh || !self.handler) {
    const module = { exports: {} }
    new Function("exports", "module", "createClient", "Deno", "encodeBase64", "decodeBase64", data.code)(
      module.exports, module, undefined, deno, undefined, undefined)
    self.handler = module.exports
  }
  try {
    const body = data.body === null ? null : Uint8Array.from(atob(data.body), (c) => c.charCodeAt(0))
    const headers = Object.fromEntries(new Headers(data.headers))
    const response = await self.handler(new Request("http://functions.test/kindling-token", { method: data.method, headers, body }))
    self.postMessage({ status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() })
  } catch (error) {
    self.postMessage({ status: 0, headers: {}, body: "the function threw: " + error.message })
  }
}
