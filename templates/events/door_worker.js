// Opens the page of one discussion's door when there is no network. It keeps the bare page, which names nobody, with its style and
// script; the list of guests is kept by the page itself, until a day after the discussion.
const name = {{ name|tojson }}
const cacheName = name + '-' + {{ version|tojson }}
const door = {{ door|tojson }}
const bare = {{ bare|tojson }}
const parts = {{ parts|tojson }}
const PATIENCE = 6000 // milliseconds for a network that is there but does not answer

self.addEventListener('install', (event) => {
  self.skipWaiting()
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([bare, ...parts])))
})

self.addEventListener('activate', (event) => {
  const old = (key) => key.startsWith(`${name}-`) && key !== cacheName
  event.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter(old).map((key) => caches.delete(key)))))
})

function opened (request) {
  const kept = () => caches.match(bare)
  const network = fetch(request)
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE)).then(kept).then((page) => page ?? network)
  return Promise.race([network, late]).catch(async (error) => await kept() ?? Promise.reject(error))
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate' && pathname === door) event.respondWith(opened(request))
  else if (pathname.startsWith('/static/')) event.respondWith(caches.match(request).then((part) => part ?? fetch(request)))
})
