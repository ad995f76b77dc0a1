/**
 * Shows every change at once: the server says over one connection that there is a new version, and the page takes its own address again and
 * puts in what came. Frames are made as high as their email, which their sandbox (no scripts, same origin) lets this page read. Without
 * scripts everything is there, only not by itself.
 */
export const PREVIEW_SCRIPT = `'use strict'
const fit = (frame) => {
  const page = frame.contentDocument
  if (page && page.body) frame.style.height = Math.max(160, page.documentElement.scrollHeight) + 'px'
}
const fitAll = () => {
  for (const frame of document.querySelectorAll('.frame iframe')) {
    frame.addEventListener('load', () => fit(frame))
    fit(frame)
  }
}
let running = Promise.resolve()
const refresh = async (version) => {
  if (document.getElementById('live').dataset.version === version) return
  const response = await fetch(location.href)
  const next = new DOMParser().parseFromString(await response.text(), 'text/html')
  const [old, fresh] = [document.getElementById('live'), next.getElementById('live')]
  if (!old || !fresh) return location.reload()
  // Frames that are taken out and put in begin without a height, and the reader would lose the place.
  const heights = [...old.querySelectorAll('.frame')].map((frame) => frame.firstElementChild.style.height)
  const focused = document.activeElement && document.activeElement.id
  const place = window.scrollY
  old.replaceWith(document.adoptNode(fresh))
  ;[...document.querySelectorAll('.frame iframe')].forEach((frame, index) => { frame.style.height = heights[index] || '' })
  document.title = next.title
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  window.scrollTo({ top: place })
  fitAll()
}
const events = new EventSource('/events')
events.addEventListener('version', (event) => { running = running.then(() => refresh(event.data)).catch(() => {}) })
document.addEventListener('change', (event) => {
  if (event.target.matches('select[data-at-once]')) event.target.form.requestSubmit()
})
fitAll()
`
