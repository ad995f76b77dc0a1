import type { Rule } from './rule.ts'

// Parts of patterns, in the spelling of `clausesOf`: no accents.
const MENSAJES =
  '(?:mensajes?|mensajitos|textos?|texts?|publicidad|promociones|promos?|anuncios?|ofertas|notificaciones|alertas|correos?|emails?|spam|suscripcion(?:es)?|servicio|recordatorios|comunicaciones|avisos|tonterias|basura|mugrero|nada|esto|estos|cosas)'
const ENVIAR =
  '(?:enviar|mandar|escribir|molestar|contactar|textear|texteando|joder|chingar|fastidiar|llamar|acosar|spamear|hostigar|comunicar)(?:me|nos|se|le|les)?'
/** The subjunctive: a request. "No me mandaron el codigo" only tells. */
const ENVIEN =
  '(?:escrib(?:a|an|as)|mand(?:e|en|es)|envi(?:e|en|es)|contact(?:e|en|es)|molest(?:e|en|es)|text(?:e|ee|een|ees)|llam(?:e|en|es)|busquen|jodan|chinguen|fastidien|acosen)'

/** What a person says in Spanish who wants to hear no more. */
export const SPANISH: readonly Rule[] = [
  {
    id: 'es.dejen_de',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:dej(?:a|as|e|en|es|ar|aran|arian|an)|par(?:a|e|en|ar|es)|paren?le|ces(?:a|en|e)|termin(?:en|e)|podrian dejar) (?:ya )?(?:de|con)(?: estar)? (?:${ENVIAR}|(?:los |las |sus |tus |tanto |tantos )*${MENSAJES})`,
    ),
    unless: /\b(?:no|nunca) (?:dej|par|ces)/,
  },
  {
    id: 'es.stop',
    meaning: 'revoke',
    pattern:
      /^(?:ya )*(?:stop|para|pare|paren|parale|parenle|paralo|parenlo|deten(?:ganse|gase|gan|te|lo)|detener|alto|baja|cancelar|salir|parar)(?: (?:ya|por|favor|gracias|please|todo|todos|stop|eso|esto|inmediatamente|ahora|de una vez|mandando mensajes))*$/,
  },
  {
    id: 'es.stop_mensajes',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:stop|detengan|detener|pare|paren|parar|suspend(?:an|er|e)|ces(?:en|ar)|desactiv(?:ar|en|e)) (?:ya )?(?:mandando |enviando |con )?(?:los |las |sus |tus |estos |estas |todos |todas |mis )*${MENSAJES}\\b`,
    ),
    unless: /\bno (?:paren|pare|suspendan)\b/,
  },
  {
    id: 'es.no_me_escriban',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:no|ya no|nunca|nunca mas|jamas|ni)(?: se)?(?: (?:me|nos))?(?: vuelv(?:a|an|as) a)?(?: (?:me|nos))? (?:${ENVIEN}|(?:vuelv(?:a|an|as) a |volver a )?(?:me )?${ENVIAR})\\b`,
    ),
    unless:
      /\bno (?:me |nos )?(?:mand|envi|llam)\w+ (?:la|el|un|una|ese|esa|a casa|antes|hoy|ahorita|todavia|aun|mi (?:pedido|paquete|orden))\b|\bno (?:me )?(?:puedo|pude|pueden|podian) /,
  },
  {
    id: 'es.no_quiero',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\bno (?:quiero|quisiera|deseo|queremos|necesito|me interesa|acepto|pedi)(?: \\w+){0,4}? (?:recibir(?:los|las|lo)?(?: (?:mas|sus|tus|los|las|ningun|ninguna|esta|este|estas))*(?: ${MENSAJES})?|(?:que )?me (?:contacten?|escriban?|manden?|envien?|molesten?|texteen|llamen?)|(?:mas |sus |tus |estos |tantos |ningun |de )+(?:sus )?(?:mensajes?|textos?|publicidad|promociones|anuncios?|correos?|spam|notificaciones)|(?:mensajes?|textos?|publicidad|promociones|anuncios|spam)|seguir recibiendo|estar en (?:su|la|esta) lista|contacto)`,
    ),
    unless: /\bperder(?:me)?\b|\bque (?:dejen|paren)\b/,
  },
  {
    id: 'es.quiero_que_dejen',
    meaning: 'revoke',
    pattern: /\bquiero que (?:ya )?(?:dejen|paren|me (?:borren|quiten|eliminen|saquen|den de baja))\b/,
  },
  {
    id: 'es.no_mas',
    meaning: 'revoke',
    pattern: new RegExp(
      `^(?:please |por favor |ya |favor |suficiente )*(?:no|ya no|nunca|basta(?: ya)? de|suficientes?|cero|ni un|alto a)(?: (?:mas|de|sus|tus|los|las|estos|tantos))*(?: (?:mas|${MENSAJES}))+(?: (?:por|favor|gracias|please|ya|nunca|de ustedes|suyos|mas))*$`,
    ),
    unless:
      /^(?:ya )?no (?:esto|estos|nada|cosas|servicio)$|^nunca nada$|^no (?:correos?|emails?|promos?|ofertas|alertas|avisos)$/,
  },
  {
    id: 'es.en_paz',
    meaning: 'revoke',
    pattern:
      /\bdej(?:a|e|en)(?:me|nos) (?:ya )?(?:en paz|tranquil[oa]|en pas|de (?:molestar|escribir|mandar))|\bya dejen(?:me)?$/,
  },
  {
    id: 'es.no_molestar',
    meaning: 'revoke',
    pattern: /\bno (?:molestar|molesten|molestes|fastidien|contactar|enviar mas|mandar mas)\b/,
    unless: /\bsi no (?:es|le|te) /,
  },
  {
    id: 'es.baja',
    meaning: 'revoke',
    pattern:
      /\b(?:dar|dame|denme|deme|darme|doy|den|darse|dese|demen) (?:me )?(?:de )?(?:la )?baja\b|\b(?:quiero|solicito|pido|deseo|necesito|requiero|tramitar) (?:la |mi |una )?baja\b|^baja (?:por|ya|gracias|total|inmediata|de)\b/,
  },
  {
    id: 'es.cancelar',
    meaning: 'revoke',
    pattern: new RegExp(
      `\\b(?:cancel(?:ar|a|e|en|o|enme|eme|ame)|anul(?:ar|en|e|a|o)|termin(?:ar|en)|elimin(?:ar|en|e)|quit(?:ar|en|o)) (?:por favor )?(?:los |las |la |el |mi |mis |su |sus |esta |estos |estas |este |todos |todas |ya )*(?:suscripcion(?:es)?|mensajes?|textos?|alertas|notificaciones|promociones|publicidad|todo|servicio de (?:mensajes|textos)|envios de mensajes|registro)\\b`,
    ),
    unless: /\b(?:no|se) cancel|\b(?:pedido|orden|cita|reserva|compra)\b/,
  },
  {
    id: 'es.desuscribir',
    meaning: 'revoke',
    pattern:
      /\b(?:desuscri[bp]\w*|desuscrib\w*|dessuscrib\w*|desubscrib\w*|unsubscribe|desafili\w*|desinscri\w*|opt ?out)\b/,
    unless: /\bno (?:me |quiero )?des/,
  },
  {
    id: 'es.quitenme',
    meaning: 'revoke',
    pattern:
      /\b(?:borr|elimin|quit|sac|remuev|remov|tach|bloque|retir)(?:e|en|a|ar|an|as|qu?en)?(?:n)?(?:me|nos)(?: (?:ya|por|favor|de (?:la|su|tu|esa|esta|sus|aqui|todas|todo)|de)(?: |$)|$)|\bsaqu(?:e|en)(?:me|nos)\b|\b(?:borr|elimin|quit|sac|saqu|remuev|remov|olvid|pierd|bloque)(?:e|en|a|ar|an|as) (?:de \w+ )?(?:mi|este|el) (?:numero|telefono|contacto|celular|cel)\b/,
    unless: /\b(?:no me|carrito|pedido|orden)\b/,
  },
  {
    id: 'es.mi_numero',
    meaning: 'revoke',
    pattern: /\b(?:olvid|pierd|borr)(?:e|en|a|an|ese|ense) (?:de )?mi numero\b/,
  },
  {
    id: 'es.consentimiento',
    meaning: 'revoke',
    pattern:
      /\b(?:revoco|retiro|quito|anulo)(?: \w+){0,2} (?:consentimiento|permiso|autorizacion)\b|\bno (?:les |le |te )?(?:doy|otorgo|autorizo|autorice|consiento)\b(?:.*\b(?:permiso|consentimiento|autorizacion|escrib\w+|contact\w+|mensajes|mand\w+|envi\w+))|\bno tiene[ns]?(?: mi)? (?:permiso|consentimiento|autorizacion)\b/,
  },
  {
    id: 'es.numero_equivocado',
    meaning: 'revoke',
    hint: 'wrong_number',
    pattern:
      /\b(?:numero|persona|telefono|contacto) (?:equivocad[oa]|incorrect[oa]|errone[oa]|errad[oa]|mal)\b|\bequivoc\w+ de (?:numero|persona|telefono)\b|\b(?:este|ese) (?:ya )?no es (?:el |su |mi )(?:numero|telefono|celular)\b|\bya no (?:tiene|usa) este (?:numero|telefono|celular)\b/,
    unless: /\bde (?:pedido|orden|rastreo|guia)\b/,
  },
  // Perhaps a "no" ----------------------------------------------------------------------------------------------------
  {
    id: 'es.no',
    meaning: 'ambiguous',
    pattern:
      /^(?:no|nop|nel|nope|nada|nunca|jamas|basta|ya basta|basta ya|ya no|suficiente|(?:ya )?no (?:me interesa|quiero(?: nada)?|gracias|estoy interesad[oa]|estamos interesados|deseo nada))(?: (?:gracias|por|favor|adios|bye|nada|ya|muchas|senor|senora))*$/,
  },
  {
    id: 'es.insulto',
    meaning: 'ambiguous',
    pattern:
      /\bchinga(?:r|n)?\w* (?:a )?(?:tu|su|sus)\b|\bvayanse?\b.*\b(?:diablo|mierda|carajo|demonio|chingada)\b|\bvete(?:n|nse)? (?:a|al)\b.*\b(?:mierda|diablo|carajo|demonio|chingada)\b|\b(?:pendejos?|cabrones|culeros|idiotas|hijos? de (?:puta|perra))\b|\bcallense\b/,
  },
  {
    id: 'es.molesto',
    meaning: 'ambiguous',
    pattern:
      /\bque (?:molest\w+|fastidi\w+|latosos?|hartazgo|pesados|lata)\b|\b(?:demasiados|muchos|tantos) (?:mensajes|textos)\b|\b(?:estoy|me tienen) hart[oa]\b|\bson (?:muy )?(?:molestos|pesados)\b/,
  },
  {
    id: 'es.acusa',
    meaning: 'ambiguous',
    pattern: /^(?:esto |es |esto es |puro |parece |una |un )*(?:spam|estafa|estafadores|fraude|phishing|rateros)$/,
  },
  {
    id: 'es.amenaza',
    meaning: 'ambiguous',
    hint: 'legal_threat',
    pattern:
      /\b(?:reportar(?:los|lo|te|e)?|reportados?|denunciar(?:los|lo|te|e)?|demandar(?:los|lo|te|e)?|demanda legal|mi abogad[oa]|acoso)\b/,
    unless: /\breportar (?:un|que|mi)\b/,
  },
  {
    id: 'es.de_donde',
    meaning: 'ambiguous',
    hint: 'denies_consent',
    pattern:
      /\b(?:como|donde|de donde) (?:consigui\w+|obtuvi\w+|sacaron|saco|sacaste|tienen|tiene) mi (?:numero|telefono|contacto|informacion)\b|\bquien (?:les|le|te) (?:dio|paso) mi\b|\bpor que (?:me )?(?:escriben|mandan|envian|contactan|molestan|siguen)\b|\b(?:yo )?(?:no|nunca) (?:me )?(?:suscribi|registre|inscribi|apunte|pedi (?:esto|estos|nada)|solicite (?:esto|estos|nada)|autorice)\b/,
  },
]
