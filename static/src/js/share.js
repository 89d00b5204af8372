// Sharing by the phone's own sheet where there is one; copying; printing.
import { announce, each } from './dom.js'

export function attach (root) {
  each(root, '[data-share]', 'share', (link) => {
    if (!navigator.share) return
    link.addEventListener('click', async (event) => {
      event.preventDefault()
      const { shareTitle: title = document.title, shareText: text, shareUrl } = link.dataset
      try {
        await navigator.share({ title, text, url: new URL(shareUrl ?? location.href, location.href).href })
      } catch (error) {
        if (error.name !== 'AbortError') location.href = link.href
      }
    })
  })

  each(root, '[data-copy]', 'copy', (button) => {
    if (!navigator.clipboard) return
    button.hidden = false
    const label = button.querySelector('[data-copy-label]') ?? button
    const words = label.textContent
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy || location.href)
      label.textContent = button.dataset.copied ?? words
      announce(button.dataset.copied)
      setTimeout(() => { label.textContent = words }, 3000)
    })
  })

  each(root, '[data-print]', 'print', (button) => {
    button.hidden = false
    button.addEventListener('click', () => window.print())
  })
}
