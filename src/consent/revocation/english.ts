import type { Rule } from './rule.ts'

// Parts of patterns, in the spelling of `clausesOf`.
const MESSAGES =
  '(?:text|texts|texting|text messages?|messages?|messaging|notifications?|alerts?|promos?|promotions?|promotional|ads?|adverts?|advertising|marketing|spam|offers|emails?|mails?|subscriptions?|reminders?|updates?|communications?|newsletters?|campaigns?|stuff|crap|shit|bullshit|bs|nonsense|junk|garbage)'
const SENDING =
  '(?:text|messag|send|contact|bother|harass|spam|email|mail|call|bugg?|annoy|hitt?|blow|pester|writ|notify|remind|stalk|reach|solicit)(?:ing|in)'
const TO_SEND =
  '(?:text|message|contact|bother|email|harass|spam|hit me up|write to|write me|reach out|disturb|notify|solicit|text message)'
const MINE =
  '(?:me|us|my (?:name|number|phone|cell|info|information|data|details|contact)|my (?:phone|cell|mobile) number|this (?:number|phone|cell|line)|number|the number)'
const DO_NOT = '(?:do not|dont|never|please no|stop|quit)'

const NOT_ME = /\b(?:i|we|he|she|they|who|you guys) (?:do not|dont|never|will never)\b/

/** What a person says in English who wants to hear no more. */
export const ENGLISH: readonly Rule[] = [
  // "Stop", in all its forms ------------------------------------------------------------------------------------------
  {
    id: 'en.stop_what',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:stop|quit|cease)(?: \\w+){0,2}? (?:${SENDING}|(?:with )?(?:the|these|this|those|your|all|all the|all these|any|any more|with the|with your|sms|mobile|my)?(?: \\w+)? ?${MESSAGES})\\b`,
    ),
    unless:
      /\b(?:can ?not|cant|could ?nt|could not|did not|didnt|dont|do not|never|wont|not) (?:want (?:you|this|these|them) to |ever |please )?(?:stop|quit)\b(?!.*\bi (?:will|am)\b)|\bi (?:will |would |have to |had to |wanted to |decided to |want to |need to )?(?:stop|quit) (?:send|call)/,
  },
  {
    id: 'en.stop',
    meaning: 'revoke',
    // At the beginning but for leads, or as what is asked for at the end.
    pattern:
      /^(?:(?:please|just|ok|okay|hey|hi|yes|no|nah|lol|omg|ugh|kindly|now|and|so|but|or|text|reply|i said|i already said|i|you|really|seriously|bro|dude|fuxxxing|fucking|all|can you|could you|would you|will you|damn|for the last time|once again|again|already|said|say|told) )*stop(?:p)?(?: (?:it|this|that|now|already|please|all|everything|thanks|thank|you|bro|dude|man|sir|immediately|asap|forever|right|away|at|once|end|to|opt|out|the|me|my|number|cart|stop|texts?|and|i|said|alerts?|today|fuxxxing|fucking|damn|yall|guys))*$/,
    unless: /\b(?:bus|truck|train|full|rest|pit|non) stop\b|\bi stop\b|^no stop (?:the|my)\b|\bstop (?:at|you at)\b/,
  },
  {
    id: 'en.stop_asked',
    meaning: 'revoke',
    pattern:
      /\b(?:told you to|tell (?:you|them|him) to|asked you to|ask(?:ing)? you to|want you to|need you to|would like you to|like to|want to|have to say|need(?:s)? to|must|make (?:it|them|this)|how (?:do|can|to)(?: i| you)?) stop(?:$| (?:it|this|that|these|those|receiving|getting|now|please|being|texts?|all|messages)\b)/,
    unless:
      /\b(?:dont|do not|never|not) (?:want|need|have to|like)\b|\bi (?:need|have|want) to stop (?!receiving|getting|these|this|being|texts?)\w|stop (?:by|in|at)\b|\b(?:he|she|they|it) (?:need|have|want|must)/,
  },
  { id: 'en.stop_or', meaning: 'revoke', pattern: /^(?:please )?(?:stop|quit)(?: \w+){0,4} (?:or|or else) i\b/ },
  {
    id: 'en.stop_because',
    meaning: 'revoke',
    pattern: /^(?:please )?stop (?:this|it|that|now|these)? ?(?:is|its|are|this is|before|because|you are|i am)\b/,
  },
  {
    id: 'en.stop_last',
    meaning: 'revoke',
    pattern: /^(?:\w+ ){1,6}stop$/,
    unless:
      /\b(?:2|will|would|completely|then|bus|truck|train|the|a|an|this|next|last|first|my|your|one|full|non|pit|rest|each|every|never|cant|cannot|can not|wont|will not|could ?nt|did ?nt|did not|dont|do not|wouldnt|not|to|i|we|he|she|it|they|when|until|before) (?:\w+ )?stop$/,
  },
  {
    id: 'en.please_remove',
    meaning: 'revoke',
    pattern: /\bplease (?:remove|unsubscribe|unsub|stop|opt out|delete)$/,
    unless: /\b(?:dont|do not|never)\b/,
  },
  { id: 'en.keyword_coded', meaning: 'revoke', pattern: /^stop ?(?:\d|2 ?end|all)\w*$/ },
  {
    id: 'en.stop_joined',
    meaning: 'revoke',
    pattern: /^(?:please )?(?:stop|quit) (?:it|this|that|contact|texts?|sms|promos?|msg)$/,
  },
  // "Opt out", "unsubscribe" ------------------------------------------------------------------------------------------
  {
    id: 'en.opt_out',
    meaning: 'revoke',
    pattern: /\bopt(?:ing|ed)? ?(?:me |this number |us |my number )?out\b|\boptout\b/,
    unless: /\b(?:dont|do not|never|didnt|did not|not|accidentally|mistake)\b.*\bopt/,
  },
  {
    id: 'en.unsubscribe',
    meaning: 'revoke',
    pattern:
      /\bun ?s(?:u[bs]?)?s?c?r?i?b(?:e|ed|ing)?\b|\bun ?subscri(?:be|ption)\b|\bunsub\b|\bun ?enroll?\b|\bunfollow\b/,
    unless: /\b(?:dont|do not|never|didnt|did not|not|accidentally|mistake|why (?:am|was) i|by accident)\b.*\bun/,
  },
  // "Do not text me" --------------------------------------------------------------------------------------------------
  {
    id: 'en.do_not_text',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b${DO_NOT}(?: (?:ever|you|please|dare|keep|be))*(?: \\w+)? ${TO_SEND}(?:ing)?(?: (?:me|us|this|here|my|again|anymore|any|at|ever|please|no|to|you|or|and)\\b|$)`,
    ),
    unless: new RegExp(
      `${NOT_ME.source}|\\b(?:dont|do not|never|stop) (?:\\w+ )?(?:text|message|contact|email|write|notify)(?: me| us)? (?:until|before|after|at|to (?!this)|on|when|while|if|the|any(?:thing)? (?:other|about))\\b|\\b(?:dont|do not) (?:get|have|see|forget|understand|find|hesitate|worry)\\b|\\b(?:dont|do not|never) stop\\b|\\btext and drive\\b`,
    ),
  },
  {
    id: 'en.do_not_send',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:do not|dont|never|no longer|stop)(?: ever| please)? (?:send|sent|call)(?: me| us| to this number)?(?: (?:any|these|this|those|the|more|anymore|again|anything|nothing|your|no|else|of|sms|stupid|such|all)\\b)*(?: ${MESSAGES})?$`,
    ),
    unless: new RegExp(
      `${NOT_ME.source}|^(?:please )?(?:do not|dont) (?:send|call)(?: it| this| that)?$|\\b(?:send|call)(?: me)? (?:this|the|that|it)$`,
    ),
  },
  {
    id: 'en.no_list',
    meaning: 'revoke',
    pattern: /\bdo not (?:call|contact|text|disturb|mail|solicit)(?: \w+)? list\b|\bdnc\b/,
  },
  {
    id: 'en.do_not_want',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:do not|dont|no longer|never|not)(?: really| even| ever)? (?:want|wish|need|care|like|desire|wanting)(?: (?:to|get|receive|receiving|have|be|see|hear|getting|keep|for|you to send|you sending|me))*(?: (?:any|anymore|more|no|your|these|those|this|all|the|further|such|of|stupid|future|sms))* (?:${MESSAGES}|contacted|texted|messaged|bothered|subscribed|on (?:this|your|the|any) list|anything (?:else )?from)\\b`,
    ),
    unless: /\bmiss\b|\bstop\b|\b(?:email|mail) (?:address|me the)\b/,
  },
  {
    id: 'en.do_not_want_these',
    meaning: 'revoke',
    pattern:
      /\b(?:do not|dont|no longer) (?:want|wish|need|care)(?: to)? (?:receive|get|receiving|getting|be getting|be receiving|hear)(?: from)?(?: (?:any|anymore|more|you|yall|these|them|those|this|it|anything))+$/,
  },
  // "No more" ---------------------------------------------------------------------------------------------------------
  {
    id: 'en.no_more',
    meaning: 'revoke',
    pattern: new RegExp(
      `^(?:please |ok |okay |thanks |ugh |just )*(?:no more|no|enough|that is enough|thats enough|done)(?: (?:more|of|these|this|those|your|with|the|all|sms|any|damn|stupid|for me|other))*(?: ${MESSAGES})+(?: (?:please|thanks|thank|you|ever|again|for me|to me|me|now|anymore|from you))*$`,
    ),
    unless:
      /^no (?:notification|updates?|email|emails|reminder|text|message) (?:yet|came)\b|^no (?:shit|crap|stuff|nonsense|message|reminder|offers|subscription|notifications?|updates?|emails?|alerts?)$/,
  },
  {
    id: 'en.no_more_bare',
    meaning: 'revoke',
    pattern: /^(?:please |ok )*no more(?: (?:please|thanks|thank|you|of|these|this|those|ever|for me))*$/,
  },
  // "Take me off" -----------------------------------------------------------------------------------------------------
  {
    id: 'en.remove_me',
    meaning: 'revoke',
    pattern: new RegExp(`\\b(?:remove|delete|erase|unlist|purge|block|unregister) (?:please )?${MINE}(?: |$)`),
    unless:
      /\b(?:dont|do not|never|why did you|why was|by mistake|accidentally|not) (?:please )?(?:remove|delete|erase|block)\b|\bnumber (?:two|2|one|1|three|3|of)\b/,
  },
  {
    id: 'en.take_me_off',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:take|get|leave|keep|drop|strike|scratch|cut|pull|count|cross) (?:please )?${MINE} (?:off(?:$| (?:please|now|of|this|your|the|that|all|any)\\b)|out(?: please| now| of (?:this|your|the|that) (?:\\w+ )?(?:list|group|program|thing|loop))?$)`,
    ),
    unless: /\b(?:dont|do not|never)\b/,
  },
  {
    id: 'en.off_the_list',
    meaning: 'revoke',
    pattern:
      /\b(?:remove|take|get|off|delete|drop|out)(?: \w+){0,3} (?:from|off|of|off of|out of)? ?(?:of )?(?:your|this|the|that|any|all|every|ur) (?:\w+ )?(?:lists?|database|system|records)\b|\b(?:remove|take off|delete) from list\b/,
    unless: /\b(?:dont|do not|never|wish list|wishlist|my wish|waiting|wait list|shopping list|back on)\b/,
  },
  {
    id: 'en.lose_my_number',
    meaning: 'revoke',
    pattern: /\b(?:lose|loose|forget|erase|drop|burn|throw away) (?:my|this|our) (?:number|phone|cell|digits)\b/,
    unless: /\b(?:dont|do not|did i|i)\b/,
  },
  {
    id: 'en.leave_me_alone',
    meaning: 'revoke',
    pattern: /\bleave (?:me|us|my phone|this number)(?: \w+){0,3} (?:alone|be)\b/,
  },
  {
    id: 'en.go_away',
    meaning: 'revoke',
    pattern:
      /^(?:please |just )*(?:go away|get lost|piss off and stop|buzz off|beat it|bug off|back off)(?: (?:please|already|now|and .*))*$/,
  },
  {
    id: 'en.want_out',
    meaning: 'revoke',
    pattern: /^(?:please )?(?:i want out|take me out|get me out|let me out|count me out)(?: of this| please)?$/,
  },
  {
    id: 'en.end_service',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:cancel|end|discontinue|deactivate|terminate|disable|suspend|turn off|shut off|mute|silence|halt|cease|remove|kill|stop)(?: (?:all|the|these|this|those|my|your|any|sms|me from|with|future|of|from))* (?:${MESSAGES}|communications?|membership to texts|contact|everything|service|enrollment)\\b`,
    ),
    unless:
      /\b(?:dont|do not|never|did you|was|didnt|accidentally|not)\b|\bend of\b|\b(?:order|appointment|reservation|booking|delivery|address|item|when does)\b|\b(?:my|the) (?:reminder|email|mail)\b(?! (?:list|alerts?|updates?))/,
  },
  {
    id: 'en.end_this',
    meaning: 'revoke',
    pattern:
      /^(?:please |ok |just )*(?:end|cease|discontinue|terminate|cancel) (?:this|it all|these|everything|all)(?: (?:please|now|already|thanks|thank|you|immediately))*$/,
  },
  {
    id: 'en.turn_off',
    meaning: 'revoke',
    pattern: /^(?:please |how do i |can you |can i )*turn (?:these|this|them|it) off(?: please| now)*$/,
  },
  // Consent -----------------------------------------------------------------------------------------------------------
  {
    id: 'en.revoke_consent',
    meaning: 'revoke',
    pattern:
      /\b(?:revoke|revoking|withdraw|withdrawing|retract|rescind)(?: \w+){0,3} (?:consent|permission|authorization)\b|\bi (?:hereby )?revoke\b/,
  },
  {
    id: 'en.no_consent',
    meaning: 'revoke',
    pattern:
      /\b(?:do not|dont|no longer|never will)(?: \w+)? (?:consent|authorize|(?:give|have|got)(?: you)?(?: my| the| any)? (?:permission|consent|authorization))\b/,
  },
  // Somebody else's number --------------------------------------------------------------------------------------------
  {
    id: 'en.wrong_number',
    meaning: 'revoke',
    hint: 'wrong_number',
    pattern: /\bwrong (?:number|person|phone|num|guy|girl|lady|man|woman|dude|contact)\b|\bwrong no$/,
    unless:
      /\bwrong (?:number|phone|contact)(?: \w+)? (?:of|on|for|in|items?|pairs?) (?:my|the|items?|your|it)\b|\bnot the wrong\b/,
  },
  {
    id: 'en.not_their_number',
    meaning: 'revoke',
    hint: 'wrong_number',
    pattern:
      /\b(?:isnt|is not|aint|not|no longer|is no longer) (?:my |his |her |their |the |\w+s )(?:right |correct |real )?(?:number|phone|cell)\b|\b(?:doesnt|does not|dont|no longer|not) (?:have|has|own|owns|use|uses|at) (?:this|that) (?:number|phone|cell)\b|\bno longer (?:has|have|owns|uses) this\b/,
    unless: /\b(?:order|tracking|card|account|serial|model|size|confirmation) number\b|\bnumber number\b/,
  },
  // Perhaps a "no" ----------------------------------------------------------------------------------------------------
  {
    id: 'en.no',
    meaning: 'ambiguous',
    pattern:
      /^(?:no|nope|nah|naw|n|never|nay|hell no|heck no|no way|no thanks|no thank you|no ty|no thx|enough|ugh|not (?:really )?interested(?: at all)?|i am not(?: \w+)? interested(?: in (?:this|it|that|these|your offers?))?|no longer interested|nah i am good|i am good(?: thanks| thank you)?|nah thanks|no i am good|not for me|pass|hard pass|annoying|very annoying|so annoying)(?: (?:please|thanks|thank|you|sorry|bye|sir|maam))*$/,
  },
  {
    id: 'en.insult',
    meaning: 'ambiguous',
    pattern:
      /\bf+(?:u+|x+|uc|ux)*c?k+ (?:you|off|yall|u|this|ya|your)\b|\bfxxx? you\b|^f you\b|\bfxxxk\b|\bscrew (?:you|off|this company)\b|\bgo to hell\b|\bkiss my\b|\beat shit\b|\bsuck (?:my|it|a)\b|^wtf\b|^what the (?:fuck|hell)\b|\bpiss off\b|\bshut (?:the \w+ )?up\b|^stfu\b|\bbite me\b|\bgo fuck\b|\bassholes?\b|\bscrew you\b/,
  },
  {
    id: 'en.annoyed',
    meaning: 'ambiguous',
    pattern:
      /\b(?:you|these|those|texts|messages|you people|you guys|yall)(?: all)?(?: texts| messages)? are(?: \w+)? (?:annoying|the worst|ridiculous|harassing|obnoxious|bugging)\b|\b(?:hate|tired of|sick of|fed up with|done with|annoyed (?:by|with)) (?:your|you|these|this company|yall|getting these|the texts|all these)\b|\b(?:too many|way too many|so many) (?:texts|messages|texts messages|text messages)\b|\byou text (?:me )?(?:too much|way too|so much|a lot)\b|^really again$|^again$/,
  },
  {
    id: 'en.accuses',
    meaning: 'ambiguous',
    pattern:
      /^(?:this is |its |it is |obvious |total |more |just |looks like |sounds like )*(?:a )?(?:spam|spammers?|scam|scammers?|phishing|fraud|junk)(?: (?:alert|text|message|number|bot|likely))?$/,
  },
  {
    id: 'en.threat',
    meaning: 'ambiguous',
    hint: 'legal_threat',
    pattern:
      /\b(?:reported|reporting|report) (?:you|this|to|as|spam|it as|your)\b|^reported$|\b(?:sue|suing) (?:you|yall|your|them)\b|\b(?:my|a|an|our) (?:lawyer|attorney)\b(?! (?:friend|office))|\b(?:lawsuit|legal action|small claims|tcpa|fcc complaint|ftc complaint|cease and desist)\b|\bharass(?:ment|ing)\b/,
    unless: /\breport (?:this|it) (?:to|as) (?:lost|damaged|missing)\b/,
  },
  {
    id: 'en.where_from',
    meaning: 'ambiguous',
    hint: 'denies_consent',
    pattern:
      /\b(?:how|where) (?:did|do|d) (?:you|yall|u)(?: \w+)? (?:get|have|find) (?:my|this) (?:number|phone|info|contact)\b|\bwho gave (?:you|out)(?: \w+)? (?:my|permission|this|the)\b|\bwhy (?:are|do|r) (?:you|yall)(?: (?:keep|guys|always|still))* (?:texting|messaging|contacting|sending|spamming)\b|\b(?:never|didnt|did not|dont remember)(?: ever)? (?:sign(?:ed|ing)? up|signed|subscribe[d]?|ask(?:ed)? for|request(?:ed)?|agree(?:d)?|consent(?:ed)?|opt(?:ed)? in|give (?:you )?(?:permission|consent)|gave (?:you )?(?:permission|consent))\b(?!.*\b(?:gift|order|refund|size)\b)/,
  },
]
