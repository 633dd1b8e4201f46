/**
 * The whole script of a page: it writes each time again in the visitor's zone and, while a maintenance goes on, loads
 * the page again every minute. What it was told of a maintenance is old after ten minutes: then it says since when. Everything can be read without it. It never touches markup.
 */
export const SCRIPT = `(()=>{
const root=document.documentElement
const lang=navigator.languages.find(l=>l.split('-')[0]===root.lang)||root.lang
const zone=Intl.DateTimeFormat().resolvedOptions().timeZone
const forms={moment:{day:'numeric',month:'short',year:'numeric',hour:'2-digit',minute:'2-digit',hourCycle:'h23'},time:{hour:'2-digit',minute:'2-digit',hourCycle:'h23'},day:{day:'numeric'},month:{month:'short'}}
for(const t of document.querySelectorAll('time[data-form]')){
const at=new Date(t.dateTime),form=forms[t.dataset.form]
if(!form||isNaN(at))continue
t.textContent=new Intl.DateTimeFormat(lang,form).format(at)
}
for(const u of document.querySelectorAll('.utc'))u.remove()
const note=document.getElementById('zone')
if(note&&zone)note.textContent=note.dataset.text.replace('{zone}',zone.replaceAll('_',' '))
for(const s of document.querySelectorAll('[data-seen]')){
const seen=new Date(s.dataset.seen),now=new Date()
if(isNaN(seen)||now-seen<600000)continue
const form=seen.toDateString()===now.toDateString()?forms.time:forms.moment
s.textContent=s.dataset.silent.replace('{time}',new Intl.DateTimeFormat(lang,form).format(seen))
s.classList.add('silent')
}
if(root.dataset.live==='yes')setTimeout(()=>location.reload(),60000)
})()`
