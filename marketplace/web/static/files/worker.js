// The shop without signal (docs/decisions/0036). A public page that somebody saw who had
// not signed in is kept as it was, and shown only when the network does not answer, with
// the line that says of when it is. Such pages have that line, hidden, and no other page
// is kept. What is sent, and pieces of pages, go by unseen.
const PAGES = "pages-1", FILES = "files-1", MOST = 40
const LINE = '<div class="page flash" id="kept"', LIST = '<ul class="list" id="seen">'
const noNetwork = lang => "/no-network?lang=" + lang

addEventListener("install", e => e.waitUntil((async () => {
  const files = await caches.open(FILES)
  for (const lang of ["zh", "en"]) {
    const answer = await fetch(noNetwork(lang), {credentials: "omit"})
    if (!answer.ok) throw new Error(answer.status)
    const page = await still(answer)
    await files.addAll([...new Set((await page.clone().text()).match(/\/static\/[^"#]+\.(css|js|svg)/g))])
    await files.put(noNetwork(lang), page)
  }
  await skipWaiting()
})()))

addEventListener("activate", e => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== PAGES && name !== FILES) await caches.delete(name)
  await clients.claim()
})()))

addEventListener("fetch", e => {
  const way = new URL(e.request.url)
  if (e.request.method !== "GET" || way.origin !== location.origin) return
  if (e.request.mode === "navigate") e.respondWith(page(e, way))
  else if (way.pathname.startsWith("/static/")) e.respondWith(file(e.request))
})

async function file(request) {
  return await (await caches.open(FILES)).match(request, {ignoreVary: true}) || fetch(request)
}

async function page(e, way) {
  let answer
  try {
    answer = await fetch(e.request)
  } catch {
    return await seen(way) || nothing()
  }
  if (answer.ok) e.waitUntil(keep(way, answer.clone()))
  return answer
}

// still is an answer that can be kept: its text, and what it says of itself.
async function still(answer) {
  const headers = new Headers(answer.headers)
  headers.delete("Content-Encoding")
  headers.delete("Content-Length")
  return new Response(await answer.text(), {headers})
}

async function keep(way, answer) {
  const page = await still(answer), pages = await caches.open(PAGES)
  await pages.delete(way.href, {ignoreVary: true})
  if (!(await page.clone().text()).includes(LINE + " hidden")) return
  await pages.put(way.href, page)
  for (const old of (await pages.keys()).slice(0, -MOST)) await pages.delete(old, {ignoreVary: true})
}

async function seen(way) {
  const page = await (await caches.open(PAGES)).match(way.href, {ignoreVary: true})
  return page && new Response((await page.text()).replace(LINE + " hidden", LINE), {headers: page.headers})
}

// nothing is the page for what was not kept: what was, newest first.
async function nothing() {
  const pages = await caches.open(PAGES), rows = []
  let lang = navigator.language.startsWith("zh") ? "zh" : "en"
  for (const request of await pages.keys()) {
    const text = await (await pages.match(request, {ignoreVary: true})).text(), way = new URL(request.url)
    lang = text.includes('<html lang="en"') ? "en" : "zh"
    rows.unshift("<li><a class=\"clear\" href=\"" + (way.pathname + way.search).replace(/&/g, "&amp;").replace(/"/g, "&quot;") + "\">" + text.match(/<title>([^<]*)/)[1] + "</a></li>")
  }
  const page = await (await caches.open(FILES)).match(noNetwork(lang), {ignoreVary: true})
  return new Response((await page.text()).replace(LIST, () => LIST + rows.join("")), {status: 503, headers: page.headers})
}
