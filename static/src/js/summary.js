// The error summary takes the focus when the page opens; its links show the label and put the cursor into the field.
import { each } from './dom.js'

export function attach (root) {
  each(root, '[data-error-summary]', 'summary', (box) => {
    box.setAttribute('tabindex', '-1')
    box.focus()
    box.addEventListener('blur', () => box.removeAttribute('tabindex'), { once: true })
    box.addEventListener('click', (event) => {
      const id = event.target.closest('a')?.hash.slice(1)
      const field = id && document.getElementById(id)
      if (!field) return
      event.preventDefault()
      const label = field.closest('fieldset')?.querySelector('legend') ?? field.labels?.[0] ?? field
      label.scrollIntoView()
      field.focus({ preventScroll: true })
    })
  })
}
