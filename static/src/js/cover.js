// Rectangles over a photo, kept in per cent of it, so that they fit every size.
import { each, fill } from './dom.js'

const SMALLEST = 0.5

function start (form) {
  const picture = form.querySelector('[data-cover-picture]')
  const field = form.querySelector('input[name=boxes]')
  const count = form.querySelector('[data-cover-count]')
  if (!picture || !field) return
  const canvas = document.createElement('canvas')
  const boxes = []
  let from = null
  let drawn = null

  const place = (event) => {
    const frame = canvas.getBoundingClientRect()
    const share = (value, size) => Math.min(Math.max(value / size * 100, 0), 100)
    return [share(event.clientX - frame.left, frame.width), share(event.clientY - frame.top, frame.height)]
  }
  const between = ([x, y], [u, v]) => [Math.min(x, u), Math.min(y, v), Math.abs(x - u), Math.abs(y - v)]

  const draw = () => {
    canvas.width = picture.clientWidth
    canvas.height = picture.clientHeight
    const pen = canvas.getContext('2d')
    pen.fillStyle = 'black'
    for (const [x, y, width, height] of drawn ? [...boxes, drawn] : boxes) {
      pen.fillRect(x * canvas.width / 100, y * canvas.height / 100, width * canvas.width / 100, height * canvas.height / 100)
    }
    field.value = boxes.map((box) => box.map((number) => number.toFixed(2)).join(',')).join(';')
    if (count) count.textContent = fill(count.dataset.words, boxes.length)
  }

  canvas.addEventListener('pointerdown', (event) => {
    from = place(event)
    canvas.setPointerCapture(event.pointerId)
    event.preventDefault()
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!from) return
    drawn = between(from, place(event))
    draw()
  })
  canvas.addEventListener('pointerup', (event) => {
    if (!from) return
    const box = between(from, place(event))
    from = drawn = null
    if (Math.min(box[2], box[3]) >= SMALLEST) boxes.push(box)
    draw()
  })
  canvas.addEventListener('pointercancel', () => {
    from = drawn = null
    draw()
  })
  form.querySelector('[data-cover-undo]')?.addEventListener('click', () => {
    boxes.pop()
    draw()
  })

  picture.after(canvas)
  for (const hidden of form.querySelectorAll('[data-cover-hint], [data-cover-tools]')) hidden.hidden = false
  new ResizeObserver(draw).observe(picture)
  draw()
}

export function attach (root) {
  each(root, '[data-cover]', 'cover', start)
}
