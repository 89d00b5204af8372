// A ready text goes into what is being written, at the cursor or at the end; the page stays, and with it everything else in the form.
import { each } from './dom.js'

/** The texts with an empty line between them where the old one does not end a line itself. */
function insert (field, text, at) {
  const before = field.value.slice(0, at)
  const atEnd = at === field.value.length
  const gap = !before || !atEnd || /\n\s*$/.test(before) ? '' : '\n\n'
  field.setRangeText(gap + text, at, at, 'end')
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

export function attach (root) {
  each(root, 'form[data-template-into]', 'template', (form) => {
    const field = document.getElementById(form.dataset.templateInto)
    const select = form.querySelector('select')
    if (!field || !select) return
    let visited = false // a field nobody was in has its cursor at the beginning
    field.addEventListener('focus', () => { visited = true })
    form.addEventListener('submit', (event) => {
      const text = select.selectedOptions[0]?.dataset.text
      if (text === undefined) return
      event.preventDefault()
      insert(field, text, visited ? field.selectionEnd : field.value.length)
      field.focus()
    })
  })
}
