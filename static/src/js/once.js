// A form that was sent is not sent again by a second press.

const sent = new Set()

function release () {
  for (const form of sent) {
    form.removeAttribute('aria-busy')
    for (const button of form.querySelectorAll('[data-held]')) {
      button.disabled = false
      button.removeAttribute('aria-busy')
      button.removeAttribute('data-held')
    }
  }
  sent.clear()
}

let started = false

export function attach () {
  if (started) return
  started = true
  document.addEventListener('submit', (event) => {
    const form = event.target
    if (form.method !== 'post' || form.hasAttribute('data-many') || event.submitter?.formTarget === '_blank') return
    if (sent.has(form)) {
      event.preventDefault()
      return
    }
    // after the browser has read the form, so that the pressed button's name is sent; and only if nobody stopped it
    setTimeout(() => {
      if (event.defaultPrevented) return
      sent.add(form)
      form.setAttribute('aria-busy', 'true')
      for (const button of form.querySelectorAll('button:not([type=button]), input[type=submit]')) {
        if (button.disabled) continue
        button.disabled = true
        button.setAttribute('aria-busy', 'true')
        button.setAttribute('data-held', '')
      }
    })
  })
  // the back button brings the page as it was left
  window.addEventListener('pageshow', release)
}
