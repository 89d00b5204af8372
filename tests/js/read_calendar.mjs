// Reads a calendar from standard input as a program of calendars would (ical.js), and prints what it understood as JSON.
import { text } from 'node:stream/consumers'
import ICAL from 'ical.js'

const root = new ICAL.Component(ICAL.parse(await text(process.stdin)))
for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
const events = root.getAllSubcomponents('vevent').map((component) => {
  const event = new ICAL.Event(component)
  return {
    uid: event.uid,
    sequence: event.sequence,
    summary: event.summary,
    location: event.location,
    starts: event.startDate.toJSDate().toISOString(),
    ends: event.endDate.toJSDate().toISOString(),
    status: component.getFirstPropertyValue('status')
  }
})
console.log(JSON.stringify({ name: root.getFirstPropertyValue('name'), events }))
