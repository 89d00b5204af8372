// The moderator's keys: J and K choose a question, a letter presses its button.
import { isTyping } from './dom.js'

export function attach (box) {
  if (box.dataset.room !== 'moderator') return
  const items = () => [...box.querySelectorAll('[data-room-list] > [data-q]')]
  const chosen = () => box.querySelector('[data-chosen]')

  function choose (element) {
    if (!element) return
    chosen()?.removeAttribute('data-chosen')
    element.setAttribute('data-chosen', '')
    element.setAttribute('tabindex', '-1')
    element.focus({ preventScroll: true })
    element.scrollIntoView({ block: 'nearest' })
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    const key = event.key.toLowerCase()
    if (key === 'j' || key === 'k') {
      const all = items()
      const at = all.indexOf(chosen())
      choose(all[Math.max(0, Math.min(all.length - 1, at + (key === 'j' ? 1 : -1)))])
      event.preventDefault()
      return
    }
    const button = [...(chosen()?.querySelectorAll(`[data-key="${CSS.escape(key)}"]`) ?? [])].find((found) => !found.closest('[hidden]'))
    if (!button) return
    event.preventDefault()
    button.click()
  })
}
