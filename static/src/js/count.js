// How many characters are left, under a textarea with data-maxlength. Seen at once, said after a pause.
import { announce, each, fill } from './dom.js'

export function attach (root) {
  each(root, 'textarea[data-maxlength]', 'count', (area) => {
    const line = document.getElementById(`${area.id}-count`)
    if (!line) return
    const most = Number(area.dataset.maxlength)
    let pause
    const text = (left) => fill(left < 0 ? line.dataset.over : line.dataset.left, Math.abs(left))
    const show = () => {
      const left = most - area.value.length
      line.textContent = text(left)
      line.classList.toggle('count--over', left < 0)
    }
    area.addEventListener('input', () => {
      show()
      clearTimeout(pause)
      pause = setTimeout(() => {
        if (most - area.value.length < Math.max(20, most * 0.1)) announce(line.textContent)
      }, 1200)
    })
    window.addEventListener('pageshow', show)
    show()
  })
}
