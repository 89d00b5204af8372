// Asks the browser for a passkey (WebAuthn) and sends its answer with the form. Without scripts the form stays hidden.
import { each } from './dom.js'

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
const toText = (buffer) => buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') : undefined
const withIds = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }))

const create = (options) => navigator.credentials.create({
  publicKey: {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: withIds(options.excludeCredentials)
  }
})

const get = (options) => navigator.credentials.get({
  publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: withIds(options.allowCredentials) }
})

const packed = ({ id, rawId, type, response, authenticatorAttachment }) => JSON.stringify({
  id,
  rawId: toText(rawId),
  type,
  authenticatorAttachment,
  clientExtensionResults: {},
  response: {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: toText(response.userHandle)
  }
})

each(document, 'form[data-passkey]', 'passkey', (form) => {
  if (!window.PublicKeyCredential) return
  form.hidden = false
  document.querySelectorAll('[data-no-passkeys]').forEach((element) => { element.hidden = true })
  const error = form.querySelector('[data-passkey-error]')
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    error.hidden = true
    try {
      const options = JSON.parse(form.dataset.options)
      const answer = await (form.dataset.passkey === 'create' ? create(options) : get(options))
      form.elements.credential.value = packed(answer)
      form.submit()
    } catch {
      error.textContent = form.dataset.failed
      error.hidden = false
    }
  })
})
