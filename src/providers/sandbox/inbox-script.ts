/**
 * Refreshes the list, the thread and the delivery facts when something has happened. The frame of an email and the reply
 * box are left alone, so that nobody loses a place or a half-written reply. Arrow keys move through the list.
 */
export const inboxScript = `
'use strict'
const parts = ['list', 'count', 'thread', 'facts', 'clock']
const thread = () => document.getElementById('thread')
const toEnd = () => { const t = thread(); if (t) t.scrollTop = t.scrollHeight }
const chosen = document.querySelector('.bubble.chosen')
if (chosen) chosen.scrollIntoView({ block: 'center' }); else toEnd()
document.querySelector('#list [aria-current]')?.scrollIntoView({ block: 'nearest' })

async function refresh() {
  const response = await fetch('/inbox/version')
  const { version, now } = await response.json()
  const clock = document.getElementById('clock')
  if (clock) clock.textContent = now
  if (String(version) === document.body.dataset.version) return
  const page = await (await fetch(location.href)).text()
  const next = new DOMParser().parseFromString(page, 'text/html')
  const focused = document.activeElement?.id
  const before = thread()
  const atEnd = before && before.scrollHeight - before.scrollTop - before.clientHeight < 40
  const place = before?.scrollTop
  for (const id of parts) {
    const [old, fresh] = [document.getElementById(id), next.getElementById(id)]
    if (old && fresh && old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML
  }
  document.querySelector('.none')?.remove()
  document.body.dataset.version = next.body.dataset.version
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  if (atEnd) toEnd(); else if (place !== undefined) thread().scrollTop = place
}

async function watch() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    if (document.hidden) continue
    try { await refresh() } catch { /* The sandbox is restarting: try again. */ }
  }
}
watch()

document.getElementById('list').addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  const rows = [...document.querySelectorAll('#list a')]
  const next = rows[rows.indexOf(document.activeElement) + step]
  if (next) { next.focus(); event.preventDefault() }
})
`
