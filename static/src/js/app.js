// Every part attaches itself to elements that ask for it by a data- attribute; pages work without any of it.
import { attach as categorySearch } from './category-search.js'
import { attach as count } from './count.js'
import { attach as cover } from './cover.js'
import { attach as desk } from './desk.js'
import { attach as door } from './door.js'
import { attach as draft } from './draft.js'
import { attach as live } from './live.js'
import { attach as once } from './once.js'
import { attach as photos } from './photos.js'
import { attach as proof } from './proof.js'
import { attach as share } from './share.js'
import { attach as stage } from './stage.js'
import { attach as summary } from './summary.js'
import { attach as template } from './template.js'

// live comes first, to see what the server sent before the others change it
const parts = [live, draft, summary, count, categorySearch, photos, proof, share, template, desk, door, stage, cover, once]

const attachAll = (root) => parts.forEach((attach) => attach(root))

attachAll(document)
document.addEventListener('civic:replaced', (event) => attachAll(event.target))
