"""The words of decision records, by language: names of sections and fields, statuses, relations. Data only.

A name is compared without its case, number, emoji and marks. Words of a status are compared at its start.
"""

from __future__ import annotations

# headings that mean the same as ours: the section gets our name
SAME: dict[str, tuple[str, ...]] = {
    "Context": (
        "context; context and problem statement; issue; problem; problem statement; context and problem; background",
        "kontext; kontext und problemstellung; hintergrund; problemstellung; ausgangslage; problem",
        "contexte; contexte et problème; contexte et énoncé du problème; problème; problématique",
        "contexto; contexto y problema; contexto y planteamiento del problema; planteamiento del problema; problema",
        "contexto e problema; contexto e declaração do problema; contexto e definição do problema",
        "declaração do problema",
        "контекст; контекст и проблема; контекст и постановка задачи; контекст и постановка проблемы; проблема",
        "背景; 上下文; 背景与问题; 背景和问题; 背景与问题陈述; 背景和问题陈述; 上下文和问题陈述; 问题陈述; 脈絡",
        "コンテキスト; 文脈; 背景と課題; 背景・課題; 課題; コンテキストと課題; コンテキストと問題",
        "コンテキストと問題提起; 問題",
        "contesto; contesto e problema; contesto e definizione del problema",
        "context en probleemstelling; achtergrond; probleemstelling",
        "맥락; 배경; 컨텍스트; 문맥; 문제 정의",
        "kontekst; kontekst i problem; bağlam; контекст і проблема",
    ),
    "Decision": (
        "decision; decision outcome; the decision; our decision; outcome; decision made",
        "entscheidung; entscheidungsergebnis; ergebnis der entscheidung; entscheid; beschluss; ergebnis",
        "décision; résultat de la décision; décision prise; décision retenue; solution retenue",
        "decisión; resultado de la decisión; decisión tomada; la decisión",
        "decisão; resultado da decisão; decisão tomada; a decisão",
        "решение; результат решения; принятое решение; итоговое решение",
        "决策; 决定; 决策结果; 决策结论; 决议; 決定; 決策",
        "決定; 決定事項; 決定内容; 決定結果; 決定の結果; 意思決定; 判断",
        "decisione; esito della decisione; besluit; beslissing; uitkomst; decyzja; karar; рішення",
        "결정; 결정 사항; 결정사항; 의사결정; 결정 결과",
    ),
    "Consequences": (
        "consequences",
        "konsequenzen; folgen; auswirkungen; auswirkung",
        "conséquences; consecuencias; consequências; conseguenze; gevolgen; konsekwencje; sonuçlar; наслідки",
        "последствия; следствия",
        "后果; 影响; 后果与影响; 結果と影響; 影響; 影響と結果; 結果; 帰結; 결과; 영향",
    ),
    "Confirmation": (
        "confirmation",
        "bestätigung; confirmación; confirmação; подтверждение; 确认; 確認; conferma; bevestiging",
    ),
    "Rationale": (
        "rationale; reasons; reasoning",
        "begründung; justification; raisons; justificación; justificativa; razones; обоснование; 理由; 根拠; 근거",
        "이유",
    ),
    "Alternatives": (
        "alternatives",
        "alternativen; alternativas; альтернативы; alternatywy; 代替案; 替代方案; 대안; alternative",
    ),
    "Implementation": (
        "implementation",
        "umsetzung; implementierung; mise en œuvre; implémentation; implementación; implementação; реализация; 实施",
        "实现; 実装; 구현",
    ),
}
# headings whose text belongs to one of our sections, and that are kept as a heading in it
BELOW: dict[str, tuple[str, ...]] = {
    "Decision": (
        "chosen option; chosen solution; chosen alternative; decision and rationale; decision rationale",
        "decision summary",
        "decision details; selected option; solution; proposed decision; proposed solution; proposal; resolution",
        "recommendation; decisions; decision statement; verdict",
        "gewählte option; lösung; vorschlag; option retenue; solution choisie; opción elegida; solución; solução",
        "opção escolhida; proposta; propuesta; выбранный вариант; выбранное решение; 选定方案; 解决方案; 方案",
        "採用案; 提案",
    ),
    "Rationale": (
        "decision drivers; drivers; forces; why; motivation; justification; criteria; decision criteria; constraints",
        "entscheidungstreiber; entscheidungskriterien; treiber; einflussfaktoren; motivation",
        "facteurs de décision; critères de décision; moteurs de la décision; factores de decisión",
        "criterios de decisión",
        "fatores de decisão; direcionadores da decisão; critérios de decisão; motivação; motivación",
        "факторы решения; факторы, влияющие на решение; движущие силы; критерии; мотивация",
        "决策驱动因素; 决策因素; 决策动因; 決定要因; 意思決定の要因; 判断基準; 결정 요인",
    ),
    "Alternatives": (
        "considered options; options considered; alternatives considered; considered alternatives; options",
        "pros and cons of the options; pros and cons; alternatives and trade offs; rejected alternatives",
        "other options",
        "alternatives rejected; options analysis; options evaluated; evaluated options; alternatives evaluated",
        "betrachtete optionen; geprüfte optionen; betrachtete alternativen; vor und nachteile der optionen; optionen",
        "erwogene optionen; verworfene alternativen; untersuchte alternativen",
        "options envisagées; options considérées; alternatives envisagées; alternatives considérées",
        "options étudiées",
        "avantages et inconvénients des options; avantages et inconvénients; alternatives écartées",
        "alternatives étudiées",
        "opciones consideradas; alternativas consideradas; pros y contras de las opciones; alternativas descartadas",
        "opciones",
        "opções consideradas; prós e contras das opções; opções; alternativas rejeitadas; alternativas avaliadas",
        "рассмотренные варианты; рассматриваемые варианты; рассмотренные альтернативы; варианты",
        "за и против вариантов",
        "плюсы и минусы вариантов; отклонённые альтернативы; отклоненные альтернативы",
        "备选方案; 考虑的方案; 考虑的选项; 候选方案; 方案对比; 方案的优缺点; 各方案优缺点; 考慮的選項; 替代方案分析",
        "検討した選択肢; 検討した代替案; 選択肢; 選択肢の長所と短所; 検討案; 却下した案; 検討した案; 고려한 대안",
        "고려한 옵션; 검토한 대안",
    ),
    "Consequences": (
        "positive consequences; negative consequences; neutral consequences; implications; impact; trade offs",
        "consequences and risks; consequences and trade offs; results; result; effects; resulting context",
        "positive konsequenzen; negative konsequenzen; positive folgen; negative folgen; risiken",
        "conséquences positives; conséquences négatives; impacts; impact; risques",
        "consecuencias positivas; consecuencias negativas; impacto; consequências positivas; consequências negativas",
        "положительные последствия; отрицательные последствия; позитивные последствия; негативные последствия",
        "正面影响; 负面影响; 积极后果; 消极后果; 积极影响; 消极影响; 良い影響; 悪い影響; 肯定的な結果; 否定的な結果",
    ),
    "Confirmation": (
        "validation; compliance; verification; how to verify; validierung; überprüfung; einhaltung",
        "conformité; vérification; cumplimiento; validación; conformidade; validação; проверка; соответствие",
        "验证; 合规; 合规性; 検証; 遵守; コンプライアンス; 검증",
    ),
    "Implementation": ("implementation plan; implementation notes; umsetzungsplan; plan d'implémentation",),
}

# names of the fields below a title, in front matter, in a table, or as a section of their own
FIELDS: dict[str, tuple[str, ...]] = {
    "status": (
        "status; state; decision status; adr status; current status; lifecycle status",
        "statut; état; estado; estatus; situação; situacao; статус; состояние; stato; durum; stan; staat; stand",
        "状态; 狀態; 决策状态; ステータス; 状態; 상태",
    ),
    "date": (
        "date; decision date; date of decision; decided; decided on; date decided; created; created on; date created",
        "creation date; created at; accepted on; date accepted; adr date; date proposed",
        "datum; entscheidungsdatum; erstellt; erstellt am; beschlossen am; date de décision; date de la décision",
        "créé le",
        "fecha; fecha de decisión; fecha de la decisión; data; data da decisão; data de criação; дата; дата решения",
        "日期; 决策日期; 创建日期; 时间; 日付; 決定日; 作成日; 날짜; 결정일; 작성일; tarih; data decyzji",
    ),
    "deciders": (
        "deciders; decider; decision makers; decision maker; decision-makers; decided by; decisionmakers",
        "entscheider; entscheidungsträger; entscheider innen; décideurs; décideur; décisionnaires; decisores",
        "decididores",
        "responsables de la decisión; tomadores de decisão; responsáveis pela decisão; decisori; besluitvormers",
        "принимающие решение; принявшие решение; лица, принимающие решение; лпр; решение приняли",
        "决策者; 决策人; 決策者; 決定者; 意思決定者; 決裁者; 결정자; 의사결정자",
    ),
    "tags": (
        "tags; tag; labels; keywords; schlagwörter; étiquettes; mots clés; etiquetas; теги; метки; 标签; 標籤; タグ",
        "태그",
    ),
    "title": ("title; titel; titre; título; titulo; название; заголовок; 标题; 標題; タイトル; titolo; 제목; judul",),
}

# statuses of our type by the words at the start of a status
STATUSES: dict[str, tuple[str, ...]] = {
    "proposed": (
        "proposed; proposal; draft; drafted; in review; under review; in discussion; under discussion; for review",
        "in draft; under consideration; rfc; request for comments; for discussion; awaiting review",
        "vorgeschlagen; entwurf; in diskussion; in prüfung; vorschlag; zur diskussion",
        "proposé; proposée; propose; proposee; brouillon; en discussion; en revue; à l'étude; ébauche",
        "propuesto; propuesta; borrador; en revisión; en discusión; en debate",
        "proposto; proposta; rascunho; em revisão; em discussão; em análise",
        "предложено; предложен; предложена; предлагается; черновик; на рассмотрении; на обсуждении; на согласовании",
        "提议; 提议中; 已提议; 提案; 草案; 草稿; 讨论中; 评审中; 审核中; 提議; 提議中; 拟议; 待评审; 待审核",
        "提案中; 提案済み; 下書き; ドラフト; 検討中; レビュー中; 議論中; 起案; 제안; 제안됨; 초안; 검토 중; 논의 중",
        "voorgesteld; bozza; in revisione; zaproponowana; zaproponowany; zaproponowane; propozycja",
        "önerildi; taslak; запропоновано",
    ),
    "accepted": (
        "accepted; approved; adopted; agreed; decided; ratified; accept; approve",
        "angenommen; akzeptiert; beschlossen; genehmigt; entschieden; freigegeben; verabschiedet",
        "accepté; acceptée; accepte; acceptee; approuvé; approuvée; validé; validée; adopté; adoptée; décidé",
        "décidée",
        "aceptado; aceptada; aprobado; aprobada; adoptado; adoptada; acordado; acordada; vigente",
        "aceito; aceita; aceite; aprovado; aprovada; adotado; adotada; em vigor",
        "принято; принят; принята; утверждено; утверждён; утвержден; утверждена; одобрено; одобрен",
        "已接受; 接受; 已采纳; 采纳; 已批准; 批准; 已通过; 通过; 已决定; 生效; 已生效; 採納; 已採納; 已採用; 已采用",
        "承認; 承認済み; 承認済; 採用; 採用済み; 採用済; 採択; 採択済み; 受理; 受け入れ; 受け入れ済み; 決定",
        "決定済み",
        "承諾; 受諾; 受諾済み; 合意; 合意済み; 승인; 승인됨; 채택; 채택됨; 수락됨; 확정; 확정됨",
        "geaccepteerd; goedgekeurd; accettato; accettata; approvato; approvata; zaakceptowana; zaakceptowany",
        "zaakceptowane; zatwierdzona; zatwierdzony; zatwierdzone; przyjęta; przyjęte",
        "kabul edildi; прийнято; затверджено",
    ),
    "rejected": (
        "rejected; declined; dismissed; denied; refused; reject",
        "abgelehnt; verworfen; rejeté; rejetée; rejete; rejetee; refusé; refusée",
        "rechazado; rechazada; descartado; descartada; rejeitado; rejeitada; recusado; recusada",
        "отклонено; отклонён; отклонен; отклонена; отвергнуто; отвергнут",
        "已拒绝; 拒绝; 已否决; 否决; 已驳回; 驳回; 未采纳; 不采纳; 拒絕; 已拒絕; 否決",
        "却下; 却下済み; 不採用; 不採択; 棄却; 거부; 거부됨; 반려; 기각; 거절됨",
        "afgewezen; respinto; respinta; odrzucona; odrzucony; odrzucone; rifiutato; rifiutata; reddedildi; відхилено",
    ),
    "deprecated": (
        "deprecated; obsolete; obsoleted; outdated; deprecate",
        "veraltet; überholt; obsolet; obsolète; déprécié; dépréciée; deprecie; caduc; caduque",
        "obsoleto; obsoleta; en desuso; deprecado; deprecada; depreciado; depreciada; descontinuado; descontinuada",
        "устарело; устарел; устарела; устаревшее",
        "已废弃; 废弃; 已弃用; 弃用; 已过时; 过时; 已作废; 廢棄; 已廢棄; 棄用; 已棄用",
        "廃止; 廃止済み; 非推奨; 陳腐化; 폐기; 폐기됨; 사용 중단",
        "verouderd; przestarzała; przestarzały; przestarzałe; kullanımdan kaldırıldı; застаріло",
    ),
    "superseded": (
        "superseded; superceded; supersede; supercede; supplanted; replaced",
        "ersetzt; abgelöst; remplacé; remplacée; remplace par; supplanté; supplantée",
        "reemplazado; reemplazada; sustituido; sustituida; substituído; substituida; substituída; substituido",
        "superado",
        "superada; заменено; заменён; заменен; заменена; замещено",
        "已取代; 被取代; 已被取代; 已替代; 被替代; 已被替代; 已替换; 被替换; 已被替换",
        "置き換え; 置換; 置き換え済み; 置き換えられた; 差し替え; 대체; 대체됨",
        "vervangen; sostituito; sostituita; zastąpiona; zastąpiony; zastąpione; değiştirildi; замінено",
    ),
}
# words that come close to a status: it is taken, and reported
LIKE: dict[str, tuple[str, ...]] = {
    "proposed": (
        "open; pending; wip; work in progress; in progress; new; offen; in bearbeitung; en cours; pendiente",
        "pendente; 待定",
    ),
    "accepted": (
        "implemented; active; in force; in effect; final; done; completed; complete; enforced; in use; built",
        "shipped",
        "finalised; finalized; umgesetzt; gültig; aktiv; implémenté; implémentée; en vigueur; implementado",
        "implementada",
        "activo; ativo; действует; реализовано; 已实施; 已实现; 完成; 已完成; 完了; 実装済み; 有効; 구현됨",
    ),
    "rejected": (
        "withdrawn; abandoned; cancelled; canceled; discarded; dropped; won't do; won't implement; zurückgezogen",
        "abandonné; abandonnée; annulé; retirado; retirada; cancelado; отменено; отозвано; 已撤回; 放弃; 已放弃",
        "取り下げ",
    ),
    "deprecated": (
        "retired; sunset; expired; revoked; repealed; inactive; no longer valid; no longer relevant",
        "no longer in use",
        "außer kraft; nicht mehr gültig; aufgehoben; abrogé; abrogée; périmé; derogado; derogada; revogado; revogada",
        "неактуально; не актуально; 失效; 已失效; 廃棄",
    ),
}
# words after a status that limit or question it: then it is not that status
LIMITS = (
    "in part; partially; partly; in parts; pending; or; tbd; tbc; teilweise; zum teil; en partie; partiellement",
    "en parte; parcialmente; частично; 部分; 一部; 부분",
)
# words after a status that are about it: `rejected by Bob`, not `rejected options`
SAID = (
    "by; on; in; at; since; as; because; due; after; again; later; for; with; until; per; via; from; under; within",
    "durch; von; vom; am; im; seit; wegen; weil; mit; bis; par; le; en; depuis; pour; avec; por; em; el; desde; para",
    "con; com; в; с; из; от; на; door; op; sinds; da; il; dal; przez; od; w; z",
)
# words that begin a clause with what came after
THEN = (
    "and; but; then; now; later; since; yet; however; afterwards; subsequently; finally; meanwhile; though; although",
    "und; aber; dann; jetzt; nun; später; inzwischen; et; mais; puis; maintenant; depuis; y; pero; luego; ahora; e",
    "mas; depois; agora; и; но; затем; теперь; позже; потом; en; maar; nu; ma; poi; ora; i; ale; potem; teraz",
)
# words of a clause about what was before
ONCE = (
    "was; were; had been; previously; formerly; originally; once; before; war; wurde zuvor; zuvor; vorher; était",
    "avant; antes; fue; foi; antes era; был; была; было; ранее; раньше; eerder; prima; wcześniej",
)
# words of a clause that takes a status back
UNDONE = (
    "reverted; rolled back; undone; vetoed; suspended; paused; on hold; postponed; deferred; reopened; re-opened",
    "frozen; blocked; overturned; overruled; under reconsideration; being reconsidered; not any more; not anymore",
    "not by; not approved; not accepted; not adopted; no longer; ausgesetzt; zurückgestellt; vertagt; suspendu",
    "suspendue; reporté; reportée; suspendido; suspendida; aplazado; aplazada; suspenso; suspensa; adiado; adiada",
    "приостановлено; отложено",
)
# words after a status that turn it into another one: `decided against`, `agreed to postpone`, `approved for review`
AGAINST = (
    "against; not; never; nowhere; gegen; nicht; contre; pas; contra; против; не; tegen; niet; contro; przeciw",
    "to reject; to decline; to postpone; to defer; to disagree; to discuss; to wait; to review; to revisit; to abandon",
    "to drop; to cancel; to withdraw; to deprecate; to discard; to not; to delay; for discussion; for review",
    "for comment; for comments; for voting; for vote; for consideration; for the vote; by no one; by nobody; by none",
    "к рассмотрению; к сведению; решение не; решение отклонить; решение отказаться; решение отложить",
)
# words of rows with a day that are about the text, not its status
CHANGES = (
    "updated; changed; amended; modified; edited; revised; reviewed; last; written; published; aktualisiert; geändert",
    "modifié; actualizado; atualizado; обновлено; 更新; 修改",
)
# what may stand before a status in a sentence
LEADS = (
    "this adr; this decision; this record; this document; this proposal; the decision; the adr; decision; adr; it",
    "we",
    "is; was; are; were; has been; have been; now; currently; been",
    "diese entscheidung; die entscheidung; ist; wurde; wird; cette décision; la décision; est; a été",
    "esta decisión; la decisión; ha sido; fue; está; esta decisão; a decisão; foi; é; решение",
)

# relations to another record: their words, and whether the text names the newer (`by`) or the older record
REPLACES = (
    "supersedes; supercedes; superseding; superceding; replaces; replacing; obsoletes; supplants",
    "ersetzt; löst ab; remplace; remplace l'; supplante; reemplaza; reemplaza a; sustituye; sustituye a; substitui",
    "заменяет; замещает; vervangt; sostituisce; zastępuje; 取代; 替代; 置き換える; 置き換え元; 대체하는",
)
REPLACED_BY = (
    "superseded by; superceded by; superseded_by; superseded-by; replaced by; replaced with; obsoleted by",
    "supplanted by",
    "ersetzt durch; ersetzt von; abgelöst durch; abgelöst von; remplacé par; remplacée par; remplace par",
    "supplanté par",
    "reemplazado por; reemplazada por; sustituido por; sustituida por; substituído por; substituída por",
    "substituido por",
    "substituida por; superado por; superada por; заменено на; заменён на; заменен на; заменена на; заменено",
    "заменён",
    "заменен; заменена; vervangen door; sostituito da; sostituita da; zastąpiona przez; zastąpiony przez; 被; 由",
    "대체됨",
)
RELATES = (
    "amends; amended by; amended in; amended; clarifies; clarified by; relates to; related to; related; extends",
    "extended by; refines; refined by; depends on; deprecated by; deprecates; updates; updated by; see also; see",
    "builds on; complements; complemented by; conflicts with; enables; enabled by; implements; implemented by",
    "in favor of; in favour of; ändert; geändert durch; ergänzt; ergänzt durch; modifie; modifié par; complète",
    "modifica; modificado por; complementa; altera; alterado por; изменяет; изменено; дополняет; дополнено; уточняет",
    "修订; 补充; 修改; 变更; 相关; 関連; 修正; 補足; 関係; 更新",
)
# what is said of a replacement that is only a part of one, or has not happened
NOT_WHOLE = (
    "partial; partially; partly; in part; parts of; part of; section; sections; §; portion; portions; some of",
    "teilweise",
    "en partie; partiellement; parcialmente; en parte; em parte; частично; 部分; 一部",
    "may be; might be; will be; would be; could be; should be; to be; can be; until; not; never; unless; if",
)

# the same, after the record that is named
IN_PART = (
    "in part; in parts; partially; partly; teilweise; zum teil; en partie; en parte; parcialmente; em parte; частично",
)
# words that may stand between a relation and the record that it names
FILLERS = (
    "the; our; adr; adrs; madr; decision; decisions; record; records; both; earlier; previous; old; original; with",
    "now",
    "die; den; der; la; le; les; el; a; o; l; decisión; decisão; décision; no; nr; yes; entscheidung; решение",
)

_MONTH_ROWS = (
    "january jan januar jänner janvier janv enero ene janeiro января янв январь gennaio januari stycznia",
    "february feb febr februar februari février févr fevrier febrero fevereiro fev февраля фев февраль febbraio lutego",
    "march mar märz mrz maerz mars marzo março marco марта мар март maart marca",
    "april apr avril avr abril abr апреля апр апрель aprile kwietnia",
    "may mai mayo maio мая май maggio mei maja",
    "june jun juni juin junio junho июня июн июнь giugno czerwca",
    "july jul juli juillet juil julio julho июля июл июль luglio lipca",
    "august aug août aout agosto ago августа авг август augustus sierpnia",
    "september sep sept septembre septiembre setembro set сентября сен сент сентябрь settembre września",
    "october oct oktober okt octobre octubre outubro out октября окт октябрь ottobre października",
    "november nov novembre noviembre novembro ноября ноя нояб ноябрь listopada",
    "december dec dezember dez décembre déc decembre diciembre dic dezembro декабря дек декабрь dicembre grudnia",
)
MONTHS = {word: number for number, row in enumerate(_MONTH_ROWS, 1) for word in row.split()}
_WEEKDAY_ROWS = (
    "monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun",
    "montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag sa sonntag so",
    "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo",
    "segunda terça quarta quinta sexta понедельник вторник среда четверг пятница суббота воскресенье",
)
WEEKDAYS = frozenset(word for row in _WEEKDAY_ROWS for word in row.split())

# words in the names of files: of pages about a folder, of templates, of what may stand beside `template`, of reviews
INDEXES = (
    "readme; index; toc; summary; contents; changelog; contributing; glossary; guidelines; guide; log; adl; about",
    "overview; introduction; process; howto; faq; license",
)
TEMPLATES = ("template; templates; tpl; vorlage; plantilla; modele; 模板; テンプレート",)
OF_TEMPLATES = (
    "adr; madr; adrs; architecture; architectural; decision; decisions; record; records; short; long; full; bare",
    "minimal; nygard; example; new; my; default; en; de; fr; es; pt; simple; log4brains; md",
    "0000; 000; 00; 0; xxxx; xxx; nnnn; nnn",
)
REVIEWS = (
    "review; reviews; checklist; checklists; minutes; meeting; meetings; feedback; comments; retrospective; retro",
    "audit; signoff; questions; todo",
)
# titles that are still those of a template
NO_TITLES = ("title; short title; decision title; title of the decision; titre; titel; título",)
# words between a status and its day
JOINTS = ("on; since; as of; dated; at; in; am; vom; seit; le; depuis; el; em; en; desde; от; с",)


def split_rows(rows: tuple[str, ...]) -> tuple[str, ...]:
    """Return the single names of rows of data."""
    return tuple(each.strip() for row in rows for each in row.split(";") if each.strip())


def by_name(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Return a table the other way round: what each name means; the first meaning of a name counts."""
    found: dict[str, str] = {}
    for meaning, rows in table.items():
        for name in split_rows(rows):
            found.setdefault(name, meaning)
    return found
