// Previews of the chosen photos, each with a button that takes it out, and a check of size and number before sending.
import { announce, each, fill, make } from './dom.js'

export function attach (root) {
  each(root, 'input[type=file][data-photo-input]', 'photos', (input) => {
    const most = Number(input.dataset.maxCount ?? (input.multiple ? 10 : 1))
    const heaviest = Number(input.dataset.maxBytes ?? Infinity)
    const list = make('ul', { class: 'previews', hidden: '' })
    const message = make('p', { class: 'error', role: 'alert', hidden: '' })
    input.before(message)
    input.after(list)
    let files = []
    const canKeep = typeof DataTransfer === 'function'

    function say (text) {
      message.textContent = text
      message.hidden = !text
    }

    function draw () {
      for (const image of list.querySelectorAll('img')) URL.revokeObjectURL(image.src)
      list.replaceChildren(...files.map((file, index) => {
        const picture = make('img', { alt: '', src: URL.createObjectURL(file) })
        picture.addEventListener('error', () => picture.replaceWith(make('div', { class: 'previews__none' }, file.name.split('.').pop().toUpperCase())))
        const item = make('li', {}, picture, make('span', {}, file.name))
        if (canKeep) {
          const remove = make('button', { type: 'button', 'aria-label': fill(input.dataset.remove, file.name) }, '×')
          remove.addEventListener('click', () => {
            files.splice(index, 1)
            say('')
            put()
            announce(fill(input.dataset.removed, file.name))
            ;(list.querySelectorAll('button')[Math.min(index, files.length - 1)] ?? input).focus()
          })
          item.append(remove)
        }
        return item
      }))
      list.hidden = !files.length
    }

    function put () {
      if (canKeep) {
        const transfer = new DataTransfer()
        for (const file of files) transfer.items.add(file)
        input.files = transfer.files
      }
      draw()
      input.dispatchEvent(new CustomEvent('photos', { bubbles: true, detail: files }))
    }

    const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified

    input.addEventListener('change', () => {
      const problems = []
      // a second choice adds to the first
      const before = canKeep && input.multiple ? files : []
      const chosen = [...input.files].filter((file) => !before.some((other) => same(file, other)))
      const fit = chosen.filter((file) => {
        if (file.size <= heaviest) return true
        problems.push(fill(input.dataset.tooBig, file.name))
        return false
      })
      files = [...before, ...fit]
      if (files.length > most) {
        problems.push(fill(input.dataset.tooMany, most))
        files = files.slice(0, most)
      }
      // without a way to take single files out, an unfit choice is refused as a whole
      if (!canKeep && problems.length) {
        files = []
        input.value = ''
      }
      say(problems.join(' '))
      put()
    })
  })
}
