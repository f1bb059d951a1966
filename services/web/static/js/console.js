// What pages gain from a script: drawers and dialogs, parts that refresh, and a few conveniences.
// Every page can be read and every form sent without it.
import 'htmx.org'
import 'bootstrap/js/src/collapse'
import 'bootstrap/js/src/dropdown'
import Modal from 'bootstrap/js/src/modal'
import Offcanvas from 'bootstrap/js/src/offcanvas'

const find = selector => document.querySelector(selector)
const on = (name, act) => document.addEventListener(name, act)

// ---- drawers and dialogs: htmx fills them, this shows them, and closing forgets what they held
const holders = { 'drawer-in': ['#drawer', Offcanvas], 'dialog-in': ['#dialog', Modal] }
on('htmx:after:swap', event => {
  const target = event.detail.ctx?.target
  const holder = target && holders[target.id]
  if (!holder || !target.childElementCount) return
  const box = find(holder[0])
  box.setAttribute('aria-labelledby', target.querySelector('h2')?.id ?? '')
  holder[1].getOrCreateInstance(box).show()
  target.querySelector('.is-invalid, .alert-danger, [autofocus]')?.focus()
})
for (const name of ['hidden.bs.offcanvas', 'hidden.bs.modal']) {
  on(name, event => event.target.querySelector('#drawer-in, #dialog-in')?.replaceChildren())
}

// ---- addresses of filtered lists carry only what was filled in
on('htmx:config:request', event => {
  const { method, body } = event.detail.ctx.request
  if (method !== 'GET' || !body) return
  for (const [name, value] of [...body]) if (value === '' || name === '_csrf') body.delete(name)
})

// ---- a lost connection, or a service that is silent, is shown and goes away by itself
const lost = () => { const bar = find('#lost'); if (bar) bar.hidden = false }
const found = () => { const bar = find('#lost'); if (bar) bar.hidden = true }
on('htmx:error', event => { if (event.detail.error?.name !== 'AbortError') lost() })
on('service-gap', lost)
on('htmx:after:request', event => {
  const { status, headers } = event.detail.ctx.response
  if (status < 500 && !headers.get('hx-trigger')?.includes('service-gap')) found()
})
addEventListener('offline', lost)
addEventListener('online', found)

// ---- what was revealed is covered again
const cover = root => root.querySelectorAll('[data-cover-after]').forEach(shown => {
  setTimeout(() => { shown.textContent = shown.dataset.masked }, shown.dataset.coverAfter * 1000)
})
on('htmx:after:swap', event => { const target = event.detail.ctx?.target; if (target) cover(target) })

// ---- show the password
on('click', event => {
  const eye = event.target.closest('[data-shows]')
  if (!eye) return
  const field = document.getElementById(eye.dataset.shows)
  const shown = field.type === 'password'
  field.type = shown ? 'text' : 'password'
  eye.setAttribute('aria-pressed', shown)
})

// ---- all boxes of a list at once
on('change', event => {
  const names = event.target.dataset.ticks
  if (!names) return
  const boxes = names.split(' ').map(name => `[type=checkbox][name="${name}"]:enabled`).join()
  for (const box of event.target.form.querySelectorAll(boxes)) box.checked = event.target.checked
})

// ---- copy a code that is shown once
on('click', async event => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
  button.textContent = button.dataset.copied
})

// ---- a form that was sent says so and is not sent again while it is on its way
on('submit', event => {
  const button = event.submitter
  if (event.defaultPrevented || !button?.dataset.busy) return
  button.setAttribute('aria-disabled', 'true')
  button.textContent = button.dataset.busy
})
addEventListener('pageshow', event => { if (event.persisted) location.reload() })

// ---- a file can be dropped onto its box
for (const name of ['dragover', 'dragleave', 'drop']) {
  on(name, event => {
    const box = event.target.closest?.('.filebox')
    if (!box) return
    event.preventDefault()
    box.classList.toggle('over', name === 'dragover')
    if (name !== 'drop' || !event.dataTransfer.files.length) return
    const input = box.querySelector('input[type="file"]')
    input.files = event.dataTransfer.files
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
}

// ---- the tree: a node fetched once opens and closes without asking again
on('click', event => {
  const button = event.target.closest('.tree-row > button[aria-controls]')
  if (!button) return
  const list = document.getElementById(button.getAttribute('aria-controls'))
  if (!list?.childElementCount) return
  const opened = list.hidden
  list.hidden = !opened
  button.setAttribute('aria-expanded', opened)
})
on('htmx:after:swap', event => {
  const list = event.detail.ctx?.target
  if (!list?.matches?.('.tree ul')) return
  list.hidden = false
  find(`[aria-controls="${list.id}"]`)?.setAttribute('aria-expanded', 'true')
})

// ---- "/" goes to the search
on('keydown', event => {
  if (event.key !== '/' || event.target.closest('input, textarea, select')) return
  const search = find('.top-search input')
  if (search) { event.preventDefault(); search.focus() }
})
