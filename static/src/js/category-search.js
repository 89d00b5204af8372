// A long select with groups becomes a field that narrows a list while one types (ARIA 1.2 combobox). The select stays in the form and is what is sent.
import { announce, each, fill, make } from './dom.js'

const LETTERS = { ә: 'а', ғ: 'г', қ: 'к', ң: 'н', ө: 'о', ұ: 'у', ү: 'у', һ: 'х', і: 'и', ё: 'е' }

/** Lower case, and Kazakh letters as a Russian keyboard writes them. */
export const fold = (text) => text.toLowerCase().replace(/[әғқңөұүһіё]/g, (letter) => LETTERS[letter]).replace(/\s+/g, ' ').trim()

function read (select) {
  return [...select.options].filter((option) => option.value !== '' && !option.disabled).map((option, index) => {
    const group = option.parentElement.tagName === 'OPTGROUP' ? option.parentElement.label : ''
    return {
      option, group, label: split(option.label), everyday: split(option.dataset.words ?? ''), groupWords: split(group), id: `${select.id}-option-${index}`
    }
  })
}

const split = (text) => fold(text).split(/[\s,./()«»"–-]+/).filter(Boolean)

/** Three letters at least are looked for inside words; a typed word may also carry an ending: "шамдар" is a "шам". */
const within = (word, part) => part.length > 2 && (word.includes(part) || word.length > 2 && part.startsWith(word))

/** How well one typed word fits an option: 0 best, Infinity not at all. Everyday words stand in their order, the most usual first. */
function rankOf (item, part) {
  const own = [...item.label, ...item.everyday]
  const usual = item.everyday.indexOf(part)
  if (usual >= 0) return usual / 100
  if (item.label.includes(part)) return 1
  if (own.some((word) => word.startsWith(part))) return 2
  if (own.some((word) => within(word, part))) return 3
  return item.groupWords.some((word) => word.startsWith(part)) ? 4 : Infinity
}

/** The options that every typed word fits, the best first. */
function search (items, query) {
  return items
    .map((item) => ({ item, rank: query.split(' ').reduce((sum, part) => sum + rankOf(item, part), 0) }))
    .filter(({ rank }) => rank < Infinity)
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item)
}

/** Neighbours of one group together. */
function runs (items) {
  const found = []
  for (const item of items) {
    const last = found[found.length - 1]
    if (last?.name === item.group) last.members.push(item)
    else found.push({ name: item.group, members: [item] })
  }
  return found
}

function follow (select) {
  const form = select.form ?? document
  const chosen = select.selectedOptions[0]
  const number = chosen?.dataset.emergency
  for (const banner of form.querySelectorAll('[data-emergency-banner]')) {
    banner.hidden = !number
    if (!number) continue
    for (const link of banner.querySelectorAll('a[data-emergency-tel]')) {
      link.href = `tel:${number}`
      link.textContent = number
    }
    for (const place of banner.querySelectorAll('[data-emergency-name]')) place.textContent = chosen.label
  }
  return number ? [...form.querySelectorAll('[data-emergency-banner]')] : []
}

/** The kind that usually goes with the category, unless the person chose one. */
function proposeKind (select) {
  const kind = select.selectedOptions[0]?.dataset.kind
  if (!kind || !select.form) return
  const radios = [...select.form.querySelectorAll(`input[type=radio][name="${CSS.escape(select.dataset.kindField ?? 'kind')}"]`)]
  if (radios.some((radio) => radio.dataset.own)) return
  for (const radio of radios) if (radio.value === kind) radio.checked = true
}

function watch (select) {
  select.form?.addEventListener('change', (event) => {
    if (event.target.type === 'radio' && event.isTrusted) event.target.dataset.own = '1'
  })
  select.addEventListener('change', () => {
    const banners = follow(select)
    proposeKind(select)
    if (banners.length) announce(banners[0].textContent.replace(/\s+/g, ' ').trim())
  })
  follow(select)
}

function enhance (select) {
  const items = read(select)
  const id = select.id
  const listId = `${id}-list`
  const label = select.labels?.[0]
  if (label && !label.id) label.id = `${id}-label`

  // the field takes the select's id, so that its label and the error summary lead to it
  select.id = `${id}-select`
  const input = make('input', {
    class: 'input',
    id,
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: select.dataset.placeholder,
    'aria-expanded': 'false',
    'aria-controls': listId,
    'aria-autocomplete': 'list',
    'aria-describedby': select.getAttribute('aria-describedby'),
    'aria-invalid': select.getAttribute('aria-invalid'),
    'aria-required': select.required ? 'true' : null
  })
  const list = make('div', { class: 'combobox__list', id: listId, role: 'listbox', hidden: '', 'aria-labelledby': label?.id })
  const unchosen = make('p', { class: 'hint', id: `${id}-unchosen`, hidden: '' }, select.dataset.unchosen ?? '')
  const box = make('div', { class: 'combobox' }, input, list, unchosen)
  select.before(box)
  select.hidden = true
  select.required = false
  select.tabIndex = -1

  let shown = []
  let active = -1
  let found = 0
  const other = items.find(({ option }) => 'other' in option.dataset)

  const chosenText = () => select.value ? select.selectedOptions[0].label : ''

  function mark (index) {
    list.querySelector('.active')?.classList.remove('active')
    active = index
    const item = shown[index]
    if (!item) {
      input.removeAttribute('aria-activedescendant')
      return
    }
    const element = document.getElementById(item.id)
    element.classList.add('active')
    element.scrollIntoView({ block: 'nearest' })
    input.setAttribute('aria-activedescendant', item.id)
  }

  function draw (query) {
    shown = query ? search(items, query) : items
    found = shown.length
    list.replaceChildren()
    if (!found) {
      list.append(make('div', { class: 'combobox__group', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, select.dataset.none ?? ''))
      if (other) shown = [other]
    }
    let count = 0
    for (const { name, members } of runs(shown)) {
      const title = name && name !== members[0].option.label && make('div', { class: 'combobox__group', id: `${listId}-group-${count}`, role: 'presentation' }, name)
      const group = make('div', title ? { role: 'group', 'aria-labelledby': title.id } : { role: 'presentation' })
      if (title) group.append(title)
      for (const { option, id: optionId } of members) {
        group.append(make('div', { id: optionId, role: 'option', 'aria-selected': String(option.selected && !!select.value) }, option.label))
      }
      list.append(group)
      count += 1
    }
    mark(-1)
  }

  function open (query = '') {
    draw(query)
    list.hidden = false
    input.setAttribute('aria-expanded', 'true')
    if (query) announce(found ? fill(select.dataset.found, found) : `${select.dataset.none} ${other?.option.label ?? ''}`)
  }

  function close () {
    list.hidden = true
    input.setAttribute('aria-expanded', 'false')
    mark(-1)
  }

  function choose (item) {
    const changed = select.value !== item.option.value
    select.value = item.option.value
    input.value = item.option.label
    tell()
    close()
    if (changed) select.dispatchEvent(new Event('change', { bubbles: true }))
  }

  /** Typed words stay as they are; that they chose nothing yet is said under them. */
  function tell () {
    unchosen.hidden = !!select.value || !input.value.trim() || document.activeElement === input
  }

  function clear () {
    if (!select.value) return
    select.value = ''
    select.dispatchEvent(new Event('change', { bubbles: true }))
  }

  input.value = chosenText()

  input.addEventListener('input', () => {
    if (input.value !== chosenText()) clear() // what is seen is what is sent
    open(fold(input.value))
  })
  input.addEventListener('click', () => {
    if (!list.hidden) return
    if (select.value) input.select()
    open(select.value ? '' : fold(input.value))
  })
  input.addEventListener('keydown', (event) => {
    const last = shown.length - 1
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const down = event.key === 'ArrowDown'
      if (list.hidden) {
        open()
        mark(down ? Math.max(shown.findIndex((item) => item.option.selected && select.value), 0) : shown.length - 1)
      } else if (down) {
        mark(active >= last ? 0 : active + 1)
      } else {
        mark(active <= 0 ? last : active - 1)
      }
    } else if (event.key === 'Enter' && !list.hidden) {
      event.preventDefault()
      const item = shown[active] ?? (found === 1 ? shown[0] : null)
      if (item) choose(item)
    } else if (event.key === 'Escape') {
      if (!list.hidden) close()
      else {
        input.value = ''
        clear()
      }
    } else if (event.key === 'Tab' && !list.hidden && shown[active]) {
      choose(shown[active])
    }
  })
  // the list keeps the cursor in the field
  list.addEventListener('mousedown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => {
    const element = event.target.closest('[role=option]')
    const item = element && items.find((one) => one.id === element.id)
    if (item) choose(item)
  })
  input.addEventListener('blur', () => {
    close()
    // words that are the name of a category choose it
    const typed = fold(input.value)
    const exact = typed && items.find((item) => fold(item.option.label) === typed)
    if (exact) choose(exact)
    tell()
  })
  input.addEventListener('focus', tell)
  window.addEventListener('pageshow', () => {
    if (select.value && document.activeElement !== input) input.value = chosenText()
    tell()
  })
}

export function attach (root) {
  each(root, 'select[data-category-search]', 'category', (select) => {
    watch(select)
    enhance(select)
  })
}
