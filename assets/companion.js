// The Kindling companion as an InsForge edge function: it verifies a Kinde
// access token and answers with an InsForge JWT for the same person.
//
// POST, "Authorization: Bearer <Kinde access token>", body {}.
// 200 {"access_token","token_type":"Bearer","expires_in"}; errors by RFC 6750.
//
// Secrets it reads: KINDE_ISSUER_URL; KINDE_CLIENT_ID, KINDE_DEVICE_CLIENT_ID and
// KINDLING_ALLOWED_CLIENTS (comma-separated), one of which every token must be
// for; KINDE_AUDIENCE, then required too; INSFORGE_JWT_SECRET, or else JWT_SECRET.
//
// `kindling companion` is the same endpoint as a server, and one table of
// requests holds the two to the same answers: change both or neither.

module.exports = async function (req) {
  try {
    return await answer(req)
  } catch (refusal) {
    // A thrown error's text would reach the caller, so anything unforeseen is told blankly.
    return refusal instanceof Refusal ? refusal.response() : new Refusal(500, "server_error", "Something went wrong").response()
  }
}

const MAX_TOKEN = 8 << 10
const MAX_BODY = 8 << 10
const MAX_HEADER = 16 << 10
const MAX_DOCUMENT = 1 << 20
const FETCH_TIMEOUT = 5_000
const KEYS_FRESH = 3_600_000
const RETRY_EVERY = 60_000
const FIRST_EVERY = 1_000 // while there are no keys at all
const SKEW = 60_000 // for iat and nbf; exp has none
const MIN_LEFT = 5_000
const MAX_LIFE = 15 * 60 // seconds

// Where the runtime keeps the function between requests, the keys are kept too.
// Where it starts afresh for each one, each one fetches them.
const kept = { issuer: "", keys: null, at: 0, triedAt: 0, unknownAt: 0, flight: null }

class Refusal extends Error {
  constructor(status, code, description) {
    super(description)
    Object.assign(this, { status, code })
  }

  response() {
    const headers = {}
    if (this.status === 400 || this.status === 401) headers["WWW-Authenticate"] = this.challenge()
    if (this.status === 405) headers["Allow"] = "POST"
    if (this.status === 503) headers["Retry-After"] = "5"
    return json(this.status, { error: this.code, error_description: this.message }, headers)
  }

  challenge() {
    if (!this.code) return 'Bearer realm="kindling"'
    return `Bearer realm="kindling", error="${this.code}", error_description="${this.message}"`
  }
}

const refuse = (description) => new Refusal(401, "invalid_token", description)
const malformed = (status, description) => new Refusal(status, "invalid_request", description)
const keysUnavailable = () => new Refusal(503, "temporarily_unavailable", "The keys of the Kinde issuer cannot be had")

async function answer(req) {
  const config = readConfig()
  const token = await admit(req)
  const person = await verify(token, config)
  const { jwt, lifetime } = await sign(person, config.secret)
  return json(200, { access_token: jwt, token_type: "Bearer", expires_in: lifetime })
}

function json(status, body, headers = {}) {
  const fixed = { "Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" }
  return new Response(JSON.stringify(body), { status, headers: { ...fixed, ...headers } })
}

// --- configuration ---

function readConfig() {
  const get = (name) => Deno.env.get(name) ?? ""
  const config = {
    issuer: get("KINDE_ISSUER_URL").replace(/\/$/, ""),
    clients: [get("KINDE_CLIENT_ID"), get("KINDE_DEVICE_CLIENT_ID"), ...get("KINDLING_ALLOWED_CLIENTS").split(/[\s,]+/)].filter(Boolean),
    audience: get("KINDE_AUDIENCE"),
    secret: new TextEncoder().encode(get("INSFORGE_JWT_SECRET") || get("JWT_SECRET")),
  }
  const problems = findProblems(config)
  if (problems.length > 0) throw new Refusal(500, "server_error", "configure companion: " + problems.join("; "))
  return config
}

function findProblems(config) {
  const problems = []
  if (!config.issuer) problems.push("KINDE_ISSUER_URL is missing")
  else if (!issuerAllowed(config.issuer)) problems.push("KINDE_ISSUER_URL must be an https address")
  if (config.clients.length === 0) problems.push("KINDE_CLIENT_ID is missing")
  if (config.audience && (config.audience === config.issuer || config.clients.includes(config.audience))) {
    problems.push("KINDE_AUDIENCE must not be a client id or the issuer")
  }
  if (config.secret.length < 32) problems.push("INSFORGE_JWT_SECRET needs at least 32 bytes")
  return problems
}

function issuerAllowed(issuer) {
  if (!URL.canParse(issuer) || /[?#\s]/.test(issuer)) return false
  const u = new URL(issuer)
  if (!u.hostname || u.username || u.password) return false
  return u.protocol === "https:" || (u.protocol === "http:" && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(u.hostname))
}

// --- the request ---

// admit checks form and sizes, and returns the token.
async function admit(req) {
  if (req.method !== "POST") throw malformed(405, "Only POST is allowed")
  let size = 0
  for (const [name, value] of req.headers) size += name.length + value.length + 4
  if (size > MAX_HEADER) throw malformed(431, "The header is larger than 16 KiB")
  const token = bearer(req.headers.get("authorization") ?? "")
  const body = await readAll(req.body, MAX_BODY)
  if (body === null) throw malformed(413, "The body is larger than 8 KiB")
  if (body.length > 0 && !object(body)) throw malformed(400, "The body must be a JSON object")
  return token
}

// bearer takes the token out of the Authorization header. Another scheme counts
// as none; two headers arrive as one, joined by a comma.
function bearer(value) {
  const space = value.indexOf(" ")
  const scheme = space < 0 ? value : value.slice(0, space)
  if (scheme.toLowerCase() !== "bearer") throw new Refusal(401, undefined, "Send the Kinde access token as a Bearer token")
  const token = space < 0 ? "" : value.slice(space).replace(/^ +/, "")
  if (token === "" || /[ \t,]/.test(token)) throw malformed(400, "The Authorization header must hold one Bearer token")
  return token
}

// readAll returns a stream's bytes, or null when there are more than max.
async function readAll(stream, max) {
  const chunks = []
  let size = 0
  for await (const chunk of stream ?? []) {
    size += chunk.length
    if (size > max) return null
    chunks.push(chunk)
  }
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

// object reads one JSON object, or returns null. Text that is not Unicode and
// numbers without a value are refused.
function object(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    const value = JSON.parse(text, (name, v) => {
      if (!name.isWellFormed() || (typeof v === "string" && !v.isWellFormed())) throw new Error("not Unicode")
      if (typeof v === "number" && !Number.isFinite(v)) throw new Error("no such number")
      return v
    })
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

// --- the token ---

async function verify(token, config) {
  const t = parse(token)
  const issued = own(t.claims, "iat")
  const key = await findKey(t.kid, typeof issued === "number" ? issued : 0, config)
  if (!(await crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, t.signature, new TextEncoder().encode(t.signed)))) {
    throw refuse("The access token has a wrong signature")
  }
  return judge(t.claims, config)
}

function parse(token) {
  if (token.length > MAX_TOKEN) throw refuse("The access token is longer than 8 KiB")
  const unreadable = refuse("The access token is not a readable JWT")
  const parts = token.split(".")
  if (parts.length !== 3) throw unreadable
  const [header, claims, signature] = parts.map(decodePart)
  if (!header || !claims || !signature) throw unreadable
  const head = object(header)
  const body = object(claims)
  if (!head || !body) throw unreadable
  const kid = own(head, "kid")
  const strange = ["jku", "jwk", "x5u", "crit"].some((name) => Object.hasOwn(head, name))
  if (strange || own(head, "alg") !== "RS256" || typeof kid !== "string" || kid === "") {
    throw refuse("The access token is not signed in the expected way")
  }
  return { kid, claims: body, signature, signed: parts[0] + "." + parts[1] }
}

const own = (o, name) => (Object.hasOwn(o, name) ? o[name] : undefined)

// decodePart is base64url as RFC 7515 has it: one token has one spelling.
function decodePart(part) {
  if (!/^[A-Za-z0-9_-]*$/.test(part) || part.length % 4 === 1) return null
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))
  return encode(bytes) === part ? bytes : null
}

function encode(bytes) {
  let binary = ""
  for (const b of bytes) binary += String.fromCharCode(b)
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
}

// judge applies the rules to claims whose signature holds.
function judge(claims, config) {
  if (own(claims, "iss") !== config.issuer) throw refuse("The access token is from another issuer")
  checkTime(claims, Date.now())
  if (!config.clients.includes(own(claims, "azp"))) throw refuse("The access token is for another application")
  checkAudience(claims, config)
  const sub = own(claims, "sub")
  if (typeof sub !== "string" || sub === "") throw refuse("The access token names nobody")
  const email = own(claims, "email")
  return { sub, email: typeof email === "string" && email !== "" ? email : undefined, expires: claims.exp }
}

function checkTime(claims, now) {
  const exp = own(claims, "exp")
  if (typeof exp !== "number" || exp * 1000 - now < MIN_LEFT) throw refuse("The access token expired")
  for (const name of ["iat", "nbf"]) {
    const start = own(claims, name)
    if (start !== undefined && (typeof start !== "number" || start * 1000 - now > SKEW)) {
      throw refuse("The access token is not valid yet")
    }
  }
}

// checkAudience refuses ID tokens, and tokens without the configured audience.
function checkAudience(claims, config) {
  const aud = own(claims, "aud")
  const all = aud === undefined ? [] : Array.isArray(aud) ? aud : [aud]
  const ours = (a) => a === config.issuer || config.clients.includes(a)
  if (Object.hasOwn(claims, "nonce") || Object.hasOwn(claims, "at_hash") || all.some(ours)) {
    throw refuse("An ID token is not an access token")
  }
  if (!all.every((a) => typeof a === "string") || (config.audience && !all.includes(config.audience))) {
    throw refuse("The access token is for another audience")
  }
}

// sign makes the InsForge JWT: 15 minutes at most and never past the Kinde
// token's own end. The role is a constant.
async function sign(person, secret) {
  const iat = Math.floor(Date.now() / 1000)
  const exp = Math.min(iat + MAX_LIFE, Math.floor(person.expires))
  const payload = { sub: person.sub, role: "authenticated", aud: "insforge-api", email: person.email, iat, exp }
  const utf8 = new TextEncoder()
  const signed = [{ alg: "HS256", typ: "JWT" }, payload].map((part) => encode(utf8.encode(JSON.stringify(part)))).join(".")
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"])
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(signed)))
  return { jwt: signed + "." + encode(mac), lifetime: exp - iat }
}

// --- Kinde's keys ---

// findKey returns the key under a kid. The last good keys live on while Kinde is
// down; no keys at all is a 503, never a 401, which would sign people out.
async function findKey(kid, issued, config) {
  if (kept.issuer !== config.issuer) Object.assign(kept, { issuer: config.issuer, keys: null, triedAt: 0, unknownAt: 0 })
  const now = Date.now()
  if (!kept.keys) {
    const may = kept.flight || now - kept.triedAt >= FIRST_EVERY
    if (!may || !(await renewKeys(config.issuer))) throw keysUnavailable()
    return kept.keys.get(kid) ?? refuseKey()
  }
  if (now - kept.at > KEYS_FRESH && now - kept.triedAt >= RETRY_EVERY) await renewKeys(config.issuer)
  return kept.keys.get(kid) ?? (await findNewKey(kid, issued, config))
}

// findNewKey refetches for an unknown kid, at most once a minute. The answer is a
// definite no only where the keys were fetched after the token was issued.
async function findNewKey(kid, issued, config) {
  let renewed = false
  if (kept.flight || Date.now() - kept.unknownAt >= RETRY_EVERY) {
    kept.unknownAt = Date.now()
    renewed = await renewKeys(config.issuer)
  }
  const key = kept.keys.get(kid)
  if (!key && !renewed && issued * 1000 > kept.at) throw keysUnavailable()
  return key ?? refuseKey()
}

function refuseKey() {
  throw refuse("The access token is signed by an unknown key")
}

// renewKeys joins the fetch under way, or starts one.
function renewKeys(issuer) {
  kept.flight ??= fetchKeys(issuer).finally(() => { kept.flight = null })
  return kept.flight
}

// fetchKeys replaces the keys, and reports whether it could.
async function fetchKeys(issuer) {
  const at = Date.now()
  kept.triedAt = at
  try {
    const document = object(await get(issuer + "/.well-known/openid-configuration"))
    if (own(document, "issuer") !== issuer) return false
    const address = new URL(own(document, "jwks_uri"))
    const home = new URL(issuer)
    if (address.protocol !== home.protocol || address.host !== home.host) return false
    const keys = await readKeys(object(await get(address.href)))
    if (keys.size === 0) return false
    Object.assign(kept, { keys, at })
    return true
  } catch {
    return false
  }
}

// get asks without any credential: Kinde refuses its keys to a request with an
// Authorization header.
async function get(address) {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT)
  const response = await fetch(address, { redirect: "manual", signal, headers: { Accept: "application/json" } })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error("unexpected status")
  }
  const bytes = await readAll(response.body, MAX_DOCUMENT)
  if (bytes === null) throw new Error("too big")
  return bytes
}

// readKeys takes the keys that can verify RS256 and leaves all others.
async function readKeys(set) {
  const keys = new Map()
  for (const k of Array.isArray(set.keys) ? set.keys : []) {
    try {
      if (k.kty !== "RSA" || typeof k.kid !== "string" || k.kid === "" || (k.use && k.use !== "sig") || (k.alg && k.alg !== "RS256")) continue
      const jwk = { kty: "RSA", n: k.n, e: k.e, alg: "RS256" }
      const key = await crypto.subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["verify"])
      if (key.algorithm.modulusLength >= 2048) keys.set(k.kid, key)
    } catch {
      // One odd key must not cost the good ones.
    }
  }
  return keys
}
