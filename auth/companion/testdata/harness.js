// Reads one request as a line of JSON from stdin, has it answered in the worker
// by the function in the file named first, and writes the answer as a line.
const code = Deno.readTextFileSync(Deno.args[0])
const worker = new Worker(new URL("./worker.js", import.meta.url), {
  type: "module",
  deno: { permissions: { env: false, net: true, read: false, write: false, run: false, ffi: false, sys: false, import: false } },
})
const ask = (request) => new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data)
  worker.onerror = (event) => reject(new Error(event.message))
  worker.postMessage({ ...request, code })
})
let buffered = ""
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  buffered += text
  for (let end; (end = buffered.indexOf("\n")) >= 0; buffered = buffered.slice(end + 1)) {
    const answer = JSON.stringify(await ask(JSON.parse(buffered.slice(0, end)))) + "\n"
    await Deno.stdout.write(new TextEncoder().encode(answer))
  }
}
Deno.exit(0)
