// Small helpers that the parts share.

const taken = new WeakMap()

/** Elements under root that match, each given once per part. */
export function each (root, selector, part, use) {
  const found = [...root.querySelectorAll(selector)]
  if (root.matches?.(selector)) found.unshift(root)
  for (const element of found) {
    const parts = taken.get(element) ?? taken.set(element, new Set()).get(element)
    if (parts.has(part)) continue
    parts.add(part)
    use(element)
  }
}

export function make (tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

/** Puts values into the places of a message: "%s" in turn. */
export const fill = (message, ...values) => (message ?? '').replace(/%s/g, () => values.shift() ?? '')

export const isTyping = (element) =>
  !!element?.closest?.('textarea, select, [contenteditable=""], [contenteditable="true"], [role="combobox"], input:not([type=checkbox], [type=radio], [type=button], [type=submit])')

let region

/** Says a text to screen readers without moving the focus. */
export function announce (text) {
  if (!text) return
  if (!region) {
    region = make('div', { class: 'visually-hidden', role: 'status' })
    document.body.append(region)
  }
  region.textContent = ''
  setTimeout(() => { region.textContent = text }, 100)
}
