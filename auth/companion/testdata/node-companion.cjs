// The same exchange on Node, to measure against: no limits, no refetching, no logs.
// node node-companion.cjs raw|keyobject|jose, with ISSUER, AZP, PUBLIC_KEY (PEM), SECRET.
const http = require("http")
const crypto = require("crypto")
const { ISSUER, AZP, PUBLIC_KEY, SECRET } = process.env

const sub = (claims) => {
  if (claims.azp !== AZP || !claims.sub) throw new Error("refused")
  return claims
}
const payload = (claims) => {
  const iat = Math.floor(Date.now() / 1000)
  return { sub: claims.sub, role: "authenticated", aud: "insforge-api", iat, exp: Math.min(iat + 900, claims.exp) }
}

function withJsonwebtoken(publicKey, secret) {
  const jwt = require("jsonwebtoken")
  return (token) => jwt.sign(payload(sub(jwt.verify(token, publicKey, { algorithms: ["RS256"], issuer: ISSUER }))), secret, { algorithm: "HS256" })
}

function withJose() {
  const jose = require("jose")
  const publicKey = crypto.createPublicKey(PUBLIC_KEY)
  const secret = crypto.createSecretKey(Buffer.from(SECRET))
  return async (token) => {
    const { payload: claims } = await jose.jwtVerify(token, publicKey, { algorithms: ["RS256"], issuer: ISSUER })
    return new jose.SignJWT(payload(sub(claims))).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(secret)
  }
}

const exchange = {
  raw: () => withJsonwebtoken(PUBLIC_KEY, SECRET), // a key as text, as InsForge's guide has it
  keyobject: () => withJsonwebtoken(crypto.createPublicKey(PUBLIC_KEY), crypto.createSecretKey(Buffer.from(SECRET))),
  jose: withJose,
}[process.argv[2]]()

const server = http.createServer((req, res) => {
  let body = ""
  req.on("data", (chunk) => { body += chunk })
  req.on("end", async () => {
    let status = 200, answer
    try {
      JSON.parse(body)
      answer = { access_token: await exchange((req.headers.authorization || "").slice(7)), token_type: "Bearer", expires_in: 900 }
    } catch {
      status = 401
      answer = { error: "invalid_token" }
    }
    const text = JSON.stringify(answer)
    res.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", "Content-Length": Buffer.byteLength(text) })
    res.end(text)
  })
})
server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port))
process.stdin.on("end", () => process.exit(0)).resume()
