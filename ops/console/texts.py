"""What the console says, in Chinese and in English, each text once."""

import re
from collections.abc import Mapping

from ops.console.names import NAMES
from processors.lexicon.places import place_label
from processors.matching.features import FEATURES
from processors.matching.profile import DEGREES
from schemas.base import Language

Both = tuple[str, str]

TEXTS: Mapping[str, Both] = {
    # The frame
    "skip": ("跳到正文", "Skip to content"),
    "navigation": ("导航", "Navigation"),
    "part.flow": ("流程", "Flow"),
    "part.talents": ("人才", "Talents"),
    "part.jobs": ("职位", "Jobs"),
    "part.companies": ("公司", "Companies"),
    "part.conflicts": ("冲突", "Conflicts"),
    "part.events": ("事件", "Events"),
    "part.dead-letters": ("死信", "Dead letters"),
    "part.alerts": ("告警", "Alerts"),
    "part.chat": ("对话", "Chat"),
    "part.versions": ("版本", "Versions"),
    "part.audit": ("审计", "Audit"),
    "part.system": ("系统", "System"),
    "find": ("按编号查找：事件、人才、职位、公司", "Find by id: event, talent, job, company"),
    "theme": ("配色", "Theme"),
    "theme.auto": ("跟随系统", "System"),
    "theme.light": ("浅色", "Light"),
    "theme.dark": ("深色", "Dark"),
    "sign_out": ("退出", "Sign out"),
    "signed_in.local": ("本机", "this machine"),
    "signed_in.key": ("密钥 {id}", "key {id}"),
    "pause": ("暂停更新", "Pause updates"),
    "resume": ("继续更新", "Resume updates"),
    "updated_at": ("更新于 {time} UTC", "Updated {time} UTC"),
    "more": ("下一页", "Next page"),
    "masked": ("个人信息已遮盖：缺少权限 pii:read。", "Personal data is masked: the scope pii:read is missing."),
    # Signing in
    "sign_in": ("登录", "Sign in"),
    "sign_in.lead": (
        "在运行 Looma 的机器上执行此命令，再打开它给出的一次性地址：",
        "On the machine that runs Looma, run this and open the one-time address it prints:",
    ),
    "sign_in.key": ("或者使用 API 密钥", "Or use an API key"),
    "sign_in.key.label": ("API 密钥", "API key"),
    "sign_in.spent": (
        "这个地址已经用过或已过期。请重新生成一个。",
        "This address was used before or has expired. Make a new one.",
    ),
    "sign_in.wrong": ("密钥未知、已过期或已撤销。", "The key is unknown, expired or revoked."),
    # Errors
    "error.401": ("请先登录", "Sign in first"),
    "error.403": ("没有权限", "Not allowed"),
    "error.404": ("找不到", "Not found"),
    "error.409": ("暂时无法完成", "Not possible now"),
    "error.410": ("已删除", "Deleted"),
    "error.413": ("内容过大", "Too large"),
    "error.415": ("格式不受支持", "Unsupported format"),
    "error.422": ("请求有误", "The request is wrong"),
    "error.429": ("请求过多", "Too many requests"),
    "error.500": ("内部错误", "Internal error"),
    "error.503": ("服务暂不可用", "Unavailable"),
    "error.code": ("错误代码", "Error code"),
    "error.back": ("回到首页", "Back to the beginning"),
    # Search and lists
    "search": ("搜索", "Search"),
    "search.talents": ("例如：Java 后端 微服务 上海", "e.g. Java backend, microservices, Shanghai"),
    "search.jobs": ("例如：数据工程师 远程", "e.g. data engineer, remote"),
    "search.label": ("要找什么", "What to look for"),
    "search.admitted": ("符合筛选条件：{count}", "{count} pass the filters"),
    "search.meant": ("已按“{query}”搜索", "Searched for “{query}”"),
    "search.nothing": ("没有找到。", "Nothing was found."),
    "search.near": ("相近的结果", "Close to it"),
    "search.filters": ("筛选", "Filters"),
    "search.any": ("不限", "Any"),
    "search.clear": ("清除筛选", "Clear filters"),
    "search.matched": ("匹配：", "Has: "),
    "search.missing": ("缺少：", "Lacks: "),
    "browse": ("全部记录，按编号", "All records, by id"),
    "browse.newest": ("最近有变化的记录", "Changed last"),
    "browse.by_id": ("按编号浏览全部", "all by id"),
    "browse.empty": ("还没有记录。", "There are no records yet."),
    "id": ("编号", "Id"),
    "band.strong": ("高度匹配", "Strong"),
    "band.partial": ("部分匹配", "Partial"),
    "band.near": ("相近", "Near"),
    "facet.place": ("地点", "Place"),
    "facet.skill": ("技能", "Skill"),
    "facet.status": ("状态", "Status"),
    "facet.language": ("语言", "Language"),
    "facet.seniority": ("级别", "Seniority"),
    "facet.education": ("学历", "Education"),
    # A record
    "record": ("记录", "Record"),
    "record.kind.talent": ("人才", "Talent"),
    "record.kind.job": ("职位", "Job"),
    "record.kind.company": ("公司", "Company"),
    "record.revision": ("第 {revision} 版", "Revision {revision}"),
    "record.field": ("字段", "Field"),
    "record.value": ("值", "Value"),
    "record.source": ("来源", "Source"),
    "record.time": ("时间（UTC）", "Time (UTC)"),
    "record.event": ("事件", "Event"),
    "record.deleted": ("来源已删除此记录。", "Its source deleted this record."),
    "record.matches": ("匹配", "Matches"),
    "quality": ("数据质量", "Quality"),
    "quality.completeness": ("完整", "Complete"),
    "quality.consistency": ("一致", "Consistent"),
    "quality.plausibility": ("可信", "Plausible"),
    "quality.freshness": ("新近", "Fresh"),
    "golden": ("黄金记录", "Golden record"),
    "golden.members": ("由 {count} 条来源记录合成", "Made of {count} source records"),
    "golden.one": ("没有其他来源记录与它合并。", "No other source record is merged with this one."),
    "golden.evidence": ("证据", "Evidence"),
    "golden.pair": ("两条记录", "Two records"),
    "golden.decision": ("判定", "Decision"),
    "golden.probability": ("概率", "Probability"),
    "golden.bits": ("{bits} 比特", "{bits} bits"),
    # A resume
    "resume.page": ("简历", "Resume"),
    "resume.of": ("{title} 的简历", "Resume of {title}"),
    "resume.page_of": ("第 {number} 页", "Page {number}"),
    "resume.pages": ("共 {count} 页", "pages: {count}"),
    "resume.ocr": ("文字识别", "recognised from pictures"),
    "resume.reading": ("正在读取简历，扫描件需要几秒……", "The resume is being read; a scan takes seconds …"),
    "resume.again": ("重新加载", "Load again"),
    "resume.understood": ("读懂的内容", "What was understood"),
    "resume.nothing": ("没有读懂任何内容。", "Nothing was understood."),
    "resume.sure": ("把握 {share}", "{share} sure"),
    "resume.cut": ("文本较长，只显示开头。", "The text is long; its beginning is shown."),
    "resume.kind.person": ("个人", "Person"),
    "resume.kind.work": ("经历", "Work"),
    "resume.kind.education": ("教育", "Education"),
    "resume.kind.skills": ("技能", "Skills"),
    "resume.kind.other": ("其他", "Other"),
    # Conflicts
    "conflicts": ("待人工决定的冲突", "Conflicts that wait for a decision"),
    "conflicts.none": ("没有待人工决定的冲突。", "No conflict waits for a decision."),
    "conflicts.lead": (
        "来源之间说法不一，策略无法取舍。你的决定会作为事件发布，并在来源给出新说法之前有效。",
        "Sources contradict each other and no policy decides. Your decision is published as an event and holds until a "
        "source says something new.",
    ),
    "conflict.now": ("记录当前的值", "The record has"),
    "conflict.take": ("采用这个值", "Take this value"),
    "conflict.done": ("已决定：{field}", "Decided: {field}"),
    "conflict.accepted": (
        "决定已写入日志，等待 worker 合并。",
        "The decision is in the log and waits for a worker to merge it.",
    ),
    "conflict.follow": ("查看这个事件", "Follow the event"),
    # Matches
    "matches.of": ("{title} 的匹配", "Matches of {title}"),
    "matches.none": ("没有有效的匹配。", "There are no active matches."),
    "matches.score": ("得分", "Score"),
    "matches.part": ("特征", "Feature"),
    "matches.contribution": ("贡献", "Contribution"),
    "matches.weight": ("权重", "Weight"),
    "matches.reason": ("理由", "Reason"),
    "matches.all": ("全部 {count} 项", "All {count} parts"),
    "matches.against": ("不利：", "Against: "),
    "matches.raise": ("怎样能提高：", "What would raise it:"),
    "matches.raise.each": (
        "按这一对的权重重新计算，每一项单独计入，不能相加。",
        "Computed with the weights of this match. Each counts by itself; they do not add up.",
    ),
    "feedback": ("反馈结果", "What became of it"),
    "feedback.shortlisted": ("入围", "Shortlisted"),
    "feedback.interviewed": ("已面试", "Interviewed"),
    "feedback.hired": ("已录用", "Hired"),
    "feedback.rejected": ("已拒绝", "Rejected"),
    "feedback.done": ("已记录：{outcome}", "Noted: {outcome}"),
    "history": ("这一对的历史", "History of this pair"),
    "history.what": ("事项", "What"),
    "history.change": ("变化", "Change"),
    "history.active": ("有效", "active"),
    "history.withdrawn": ("撤回", "withdrawn"),
    # Events
    "events": ("事件的来龙去脉", "What became of an event"),
    "events.lead": (
        "粘贴事件编号（ce_id）或链路编号，查看它经过的每一步。",
        "Paste an event's id (ce_id) or a trace's id to see every step it took.",
    ),
    "events.label": ("事件编号或链路编号", "Event id or trace id"),
    "events.show": ("查看", "Show"),
    "events.recent": ("最近处理的事件", "Events handled lately"),
    "events.none": ("这台机器上没有最近的链路。", "There are no recent traces on this machine."),
    "event.waiting": ("还没有它的链路，正在等待……", "There is no trace of it yet; waiting …"),
    "event.trace": ("链路 {id}", "Trace {id}"),
    "event.complete": ("已到达全部去处", "It has reached everything"),
    "event.missing": ("尚未完成：{steps}", "Not reached yet: {steps}"),
    "event.step": ("步骤", "Step"),
    "event.at": ("开始", "At"),
    "event.took": ("用时", "Took"),
    "event.waterfall": ("瀑布图", "Waterfall"),
    "event.timeline": ("时间线", "Timeline"),
    "event.idle": ("空闲 {time} 已折叠", "{time} of idle time folded"),
    "event.left_out": ("另有 {count} 个步骤未显示", "{count} more steps are not shown"),
    "event.bytes": ("消息内容", "The message"),
    "event.bytes.masked": (
        "个人信息已遮盖：缺少权限 pii:read。",
        "Personal data is masked: the scope pii:read is missing.",
    ),
    "event.bytes.gone": ("日志里已没有这条消息。", "The log no longer has the message."),
    "event.subject": ("关于", "About"),
    "event.type": ("类型", "Type"),
    "event.source": ("来源", "Source"),
    "event.place": ("日志位置", "Place in the log"),
    "event.outcome": ("结果", "Outcome"),
    "event.result": ("它对记录的影响", "What the record owes to it"),
    "event.then": ("当时的变化（第 {revision} 版）", "What it changed (revision {revision})"),
    "event.then.unknown": (
        "附近的日志里没有上一版，只显示它设定的字段。",
        "The log near by has no revision before; these fields it set.",
    ),
    "event.then.none": ("没有字段变化。", "No field changed."),
    "event.before": ("之前", "Before"),
    "event.after": ("之后", "After"),
    "event.today": ("今天", "Today"),
    "event.without": ("没有它时", "Without it"),
    "event.effects": (
        "每个来源对每个字段只保留最新的说法；“没有它时”按策略重新合并其余的说法。",
        "Of each field the newest word of each source counts. Without it: the other words merged by the policy.",
    ),
    "event.effects_none": ("没有它，记录也是今天这样。", "Without it the record would be as it is today."),
    "outcome.applied": ("已生效", "applied"),
    "outcome.unchanged": ("无变化", "unchanged"),
    "outcome.confirmed": ("已确认", "confirmed"),
    "outcome.superseded": ("已被取代", "superseded"),
    "outcome.dead_letter": ("成为死信", "dead letter"),
    "outcome.revoked": ("已移交分区", "partition revoked"),
    # Flow
    "flow": ("流程", "Flow"),
    "flow.lead": (
        "事件从左到右流过流水线。数字每两秒更新。",
        "Events flow from left to right. Figures are updated every two seconds.",
    ),
    "flow.picture": ("流水线示意图", "A picture of the pipeline"),
    "flow.waiting": ("正在第一次询问服务器……", "Asking the brokers for the first time …"),
    "flow.per_second": ("{rate}/秒", "{rate}/s"),
    "flow.lag": ("积压 {count}", "lag {count}"),
    "flow.stage": ("阶段", "Stage"),
    "flow.topic": ("主题", "Topic"),
    "flow.in": ("进入/秒", "In/s"),
    "flow.out": ("处理/秒", "Out/s"),
    "flow.behind": ("积压", "Lag"),
    "flow.p50": ("p50", "p50"),
    "flow.p99": ("p99", "p99"),
    "flow.failed": ("失败（5 分钟）", "Failed (5 min)"),
    "flow.state": ("状态", "State"),
    "flow.state.idle": ("空闲", "idle"),
    "flow.state.flowing": ("正常", "flowing"),
    "flow.state.behind": ("落后", "behind"),
    "flow.state.stuck": ("停滞", "held up"),
    "flow.why.": ("", ""),
    "flow.why.unknown": ("尚未采样", "not sampled yet"),
    "flow.why.no_worker": (
        "没有 worker 在运行，{amount} 条消息在等待。请启动 worker。",
        "No worker is running and {amount} messages wait. Start a worker.",
    ),
    "flow.why.no_progress": (
        "有积压，但 {amount} 秒没有进展。原因见 worker 的日志。",
        "There is a backlog and no progress for {amount} s. The worker's log says why.",
    ),
    "flow.why.backlog": (
        "按当前速度，处理完积压还需 {amount} 秒。",
        "At this rate the backlog takes {amount} s more.",
    ),
    "flow.history": ("最近几小时", "The last hours"),
    "flow.history.published": ("每秒发布的消息", "Messages published a second"),
    "flow.history.lag": ("积压", "Lag"),
    "flow.history.span": ("最近 {time}", "the last {time}"),
    "flow.greatest": ("最大 {value}", "at most {value}"),
    "flow.workers": ("worker：{count}", "Workers: {count}"),
    "flow.sources": ("来源", "Sources"),
    "flow.sources.what": ("CRM、ATS、文件、API", "CRM, ATS, files, API"),
    "flow.letters": ("死信", "Dead letters"),
    "flow.letters.pending": ("待处理 {count}", "{count} pending"),
    "flow.node.talent-events": ("同步人才", "Sync talents"),
    "flow.node.job-events": ("同步职位", "Sync jobs"),
    "flow.node.company-events": ("同步公司", "Sync companies"),
    "flow.node.resume-events": ("读取简历", "Read resumes"),
    "flow.node.talent-records": ("归并与向量化", "Resolve and embed"),
    "flow.node.job-records": ("向量化职位", "Embed jobs"),
    "flow.node.company-records": ("公司归并", "Resolve companies"),
    "flow.node.match-requests": ("匹配", "Match"),
    "flow.node.match-feedback": ("反馈", "Feedback"),
    "flow.node.identity-events": ("人工裁定", "Verdicts"),
    "flow.node.chat-events": ("对话", "Chat"),
    "flow.node.match-results": ("匹配结果", "Match results"),
    "flow.node.identities": ("黄金记录", "Golden records"),
    # Dead letters
    "letters": ("死信", "Dead letters"),
    "letters.lead": (
        "无法处理的消息按原因归类。修复原因之后，可以把它们重投到原来的主题。",
        "Messages that could not be processed, by reason. Once it is fixed, publish them again to their topics.",
    ),
    "letters.none": ("没有待处理的死信。", "No dead letter is pending."),
    "letters.reason": ("原因", "Reason"),
    "letters.topic": ("主题", "Topic"),
    "letters.detail": ("说明", "Detail"),
    "letters.failed_at": ("失败时间（UTC）", "Failed at (UTC)"),
    "letters.bytes": ("字节", "Bytes"),
    "letters.repeats": ("重复", "Repeats"),
    "letters.all": ("全部原因", "All reasons"),
    "letters.select": ("选择", "Select"),
    "letters.try": ("试运行", "Dry run"),
    "letters.confirm": ("确认重投 {count} 条", "Publish {count} again"),
    "letters.would": ("将重投 {count} 条消息到：", "{count} messages would be published again, to:"),
    "letters.done": ("已重投 {count} 条。", "{count} were published again."),
    "letters.nothing": ("先选择要投递的死信。", "Select letters first."),
    "letters.open": ("查看", "Open"),
    "letter.message": ("消息", "Message"),
    "letter.key": ("键", "Key"),
    "letter.headers": ("消息头", "Headers"),
    # System
    "system": ("系统", "System"),
    "system.topics": ("主题", "Topics"),
    "system.purpose": ("用途", "Purpose"),
    "system.kept": ("保留天数", "Kept (days)"),
    "system.forever": ("永久", "for ever"),
    "system.compacted": ("压实", "compacted"),
    "system.generation": ("当前代", "Active generation"),
    "system.syncs": ("批量同步", "Bulk syncs"),
    "system.syncs.none": ("这台机器还没有运行过批量同步。", "This machine has run no bulk sync yet."),
    "system.models": ("模型", "Models"),
    "system.here": ("在本机", "On this machine"),
    "system.dimensions": ("维数", "Dimensions"),
    "system.languages": ("语言", "Languages"),
    "system.licence": ("许可", "Licence"),
    "system.settings": ("设置（密码等已遮盖）", "Settings (secrets are masked)"),
    "system.setting": ("设置", "Setting"),
    # Chat
    "chat": ("对话", "Chat"),
    "chat.lead": (
        "回答来自记录，并给出所引用的记录。消息和回答都会保存在日志里。",
        "Answers come from records and name those that they cite. Messages and answers stay in the log.",
    ),
    "chat.new": ("新对话", "New conversation"),
    "chat.unheard": ("没有对话 worker 在运行，消息会等到它启动：", "No chat worker is running; messages wait for one:"),
    "chat.as": ("身份", "Speaking as"),
    "chat.as.recruiter": ("招聘方", "a recruiter"),
    "chat.as.anonymous": ("匿名求职者", "an anonymous candidate"),
    "chat.text": ("消息", "Message"),
    "chat.example": ("例如：上海的 Java 后端，2 万以上", "e.g. Java backend in Shanghai, 20k or more"),
    "chat.send": ("发送", "Send"),
    "chat.from": ("出自", "From"),
    "chat.outcome.replied": ("已回答。", "Answered."),
    "chat.outcome.merged": ("由后一条消息的回答一并答复。", "Answered with a later message."),
    "chat.outcome.silent": ("交由人工答复。", "Left to a person."),
    # Versions
    "versions": ("代、模型与回放", "Generations, models and replays"),
    "versions.lead": (
        "派生数据的每一代都由同一份日志算出。新的一代在旁边构建好、比较过之后，一步切换，也可以一步回退。",
        "Each generation of what is derived follows from the same log. A new one is built beside the one in use, "
        "compared with it, switched to in one step, and left again in one.",
    ),
    "versions.generations": ("各代", "Generations"),
    "versions.generation": ("代", "Generation"),
    "versions.state": ("状态", "State"),
    "versions.model": ("模型", "Model"),
    "versions.active": ("使用中", "active"),
    "versions.previous": ("上一代", "previous"),
    "versions.beside": ("并行构建", "built beside"),
    "versions.letters": ("未公开的死信", "Private dead letters"),
    "versions.rollout": ("模型试用", "Model rollout"),
    "versions.rollout.none": ("还没有试用过模型。", "No model was rolled out yet."),
    "versions.mode": ("方式", "Mode"),
    "versions.shadow": ("影子：只比较，不采用", "shadow: compared, not answered by"),
    "versions.share": ("{share} 的搜索", "{share} of the searches"),
    "versions.since": ("开始时间（UTC）", "Since (UTC)"),
    "versions.figure": ("指标", "Figure"),
    "versions.seen": ("实测", "Seen"),
    "versions.limit": ("界限", "Limit"),
    "versions.unseen": (
        "还没有数据：需要一个回答搜索的进程。",
        "Nothing was seen yet: it takes a process that answers searches.",
    ),
    "versions.replays": ("就地回放", "Replays in place"),
    "versions.replays.none": ("这台机器还没有回放过。", "This machine has replayed nothing yet."),
    "versions.run": ("运行", "Run"),
    "versions.progress": ("进度", "Progress"),
    "versions.finished": ("完成", "finished"),
    "versions.replayed": ("已回放", "Replayed"),
    "versions.passed": ("略过", "Passed over"),
    "versions.rejected": ("被拒绝", "Rejected"),
    # Alerts
    "alerts": ("告警", "Alerts"),
    "alerts.lead": (
        "与 looma watch 和 Prometheus 相同的规则。每条规则的页面说明该怎么处理。",
        "The same rules as those of looma watch and Prometheus. The page of each says what to do.",
    ),
    "alerts.firing": ("正在告警的规则：{count}。", "Rules that fire: {count}."),
    "alerts.quiet": ("没有告警。", "Nothing fires."),
    "alerts.unseen": ("没有 worker 的指标页有响应，所以无从得知。", "No worker's page answers, so nothing is known."),
    "alerts.away": ("Prometheus 没有响应：", "Prometheus does not answer:"),
    "alerts.unreadable": ("告警规则无法读取：", "The alert rules cannot be read:"),
    "alerts.rules": ("全部规则", "All rules"),
    "alerts.rule": ("规则", "Rule"),
    "alerts.meaning": ("含义", "Means"),
    "alerts.severity": ("级别", "Severity"),
    "alerts.after": ("持续多久后告警", "Fires after"),
    "alerts.at_once": ("立即", "at once"),
    "alerts.since": ("自", "Since"),
    "alerts.runbook": ("怎么处理", "What to do"),
    "alerts.expression": ("表达式", "Expression"),
    "alerts.by_console": (
        "由控制台自己查看这些页面，重启后重新开始：",
        "The console looks at these pages by itself, and begins anew when it is restarted:",
    ),
    "alerts.by_prometheus": ("由 Prometheus 判定：", "By Prometheus:"),
    "alerts.answers": ("有响应", "responds"),
    "alerts.silent": ("没有响应", "does not respond"),
    "alerts.not_yet": ("尚未查看", "not looked at yet"),
    "alerts.state.firing": ("告警中", "firing"),
    "alerts.state.pending": ("待确认", "pending"),
    "alerts.state.quiet": ("正常", "quiet"),
    "alerts.state.unknown": ("未知", "unknown"),
    "alerts.problem.unseen": ("", ""),
    "alerts.problem.absent": ("Prometheus 没有加载这条规则", "Prometheus has not loaded it"),
    "alerts.problem.failed": ("Prometheus 无法计算", "Prometheus cannot evaluate it"),
    # Operating
    "operate.acts": ("操作", "Actions"),
    "operate.task": ("任务", "Task"),
    "operate.tasks": ("最近的任务", "Tasks of late"),
    "operate.running": ("正在进行……", "Under way …"),
    "operate.events": ("{count} 个事件", "{count} events"),
    "operate.count": ("事件数", "Events"),
    "operate.lost": (
        "执行它的进程已经不在了。再发起一次同样的操作即可接着完成。",
        "The process that worked on it is gone. Ask for the same again: it goes on where it was.",
    ),
    "operate.halt": ("停止", "Stop"),
    "operate.leave": ("取消", "Cancel"),
    "operate.compare": ("比较", "Compare"),
    "operate.compared": ("上次比较（{time} UTC）：", "As last compared ({time} UTC):"),
    "operate.uncompared": (
        "还没有比较过。先比较，可以知道切换后哪些匹配会变。",
        "It has not been compared. Compare first to know which matches a switch would change.",
    ),
    "operate.matches": (
        "有效匹配：{same} 对不变，新增 {new}，消失 {gone}，变化 {changed}（得分最多相差 {most}）。",
        "Active matches: {same} stay the same, {new} are new, {gone} gone, {changed} changed (a score by {most} at "
        "most).",
    ),
    "operate.behind": (
        "还差 {behind} 条消息，另有 {letters} 条未公开的死信。追上之后再比较才完整。",
        "It is {behind} messages behind and has {letters} private dead letters. Only what has caught up compares in "
        "full.",
    ),
    "operate.start": ("新建一代", "Begin a generation"),
    "operate.start.name": ("名称", "Name"),
    "operate.start.default": ("默认模型", "the default"),
    "operate.start.do": ("新建", "Begin"),
    "operate.start.what": (
        "从日志里最早的事件开始，在使用中的一代旁边构建；需要为它启动一个 worker。",
        "It is built from the oldest event in the log, beside the generation in use. It needs a worker of its own.",
    ),
    "operate.started": (
        "第 {generation} 代已就绪。现在启动构建它的 worker：",
        "{generation} is ready. Start a worker that builds it:",
    ),
    "operate.switch": ("切换", "Switch"),
    "operate.do.switch": ("确认切换", "Switch now"),
    "operate.switch.what": (
        "从切换那一刻起，读到的都是 {generation}；有变化的匹配会告知消费者。{active} 继续接收事件，可随时回退。"
        "如果 30 秒内没有追上，切换会被拒绝，什么都不改变。",
        "From that moment on everybody reads {generation}, and consumers are told of the matches that differ. "
        "{active} keeps taking events, so going back is instant. If {generation} has not caught up within 30 seconds, "
        "the switch is refused and nothing changes.",
    ),
    "operate.switched": (
        "使用中的是 {generation}；已告知消费者 {count} 个有变化的匹配。",
        "{generation} is active; consumers were told of {count} matches that differ.",
    ),
    "operate.rollback": ("回退", "Roll back"),
    "operate.do.rollback": ("确认回退", "Roll back now"),
    "operate.rollback.what": (
        "从 {active} 回到 {previous}，有变化的匹配会告知消费者。",
        "Back from {active} to {previous}; consumers are told of the matches that differ.",
    ),
    "operate.promote": ("上线模型", "Promote the model"),
    "operate.do.promote": ("确认上线", "Promote now"),
    "operate.promote.what": (
        "不等试用得出结论，直接切换到 {generation}，搜索由 {model} 回答。可以回退。",
        "Switches to {generation} without waiting for the verdict; {model} answers searches. It can be rolled back.",
    ),
    "operate.promote.unseen": (
        "还没有任何试用数据。",
        "Nothing has been seen of it yet.",
    ),
    "operate.stop": ("停止试用", "Stop trying"),
    "operate.do.stop": ("确认停止", "Stop now"),
    "operate.stop.what": (
        "{model} 不再参与搜索，使用中的模型不变。",
        "{model} takes part in no search any more; the active model stays.",
    ),
    "operate.new_replay": ("回放事件", "Replay events"),
    "operate.new_replay.what": (
        "先试运行，只统计数量。时间是消息写入日志的时间（UTC）；不填开始时间则从最早的事件开始。",
        "Tried first, which only counts. Times are those of the messages in the log, in UTC; without a beginning it "
        "starts with the oldest event.",
    ),
    "operate.since": ("从", "From"),
    "operate.until": ("到", "To"),
    "operate.keys": ("只限编号", "Only ids"),
    "operate.sources": ("只限来源", "Only sources"),
    "operate.rate": ("每秒最多", "Per second, at most"),
    "operate.try": ("试运行", "Dry run"),
    "operate.would": (
        "将回放 {count} 个事件，略过 {passed} 个。",
        "{count} events would be replayed, {passed} passed over.",
    ),
    "operate.expired": ("另有 {count} 个已不在日志里。", "{count} more are no longer kept."),
    "operate.replay.do": ("确认回放 {count} 个事件", "Replay {count} events"),
    "operate.replayed": (
        "已回放 {count} 个事件，略过 {passed} 个，{rejected} 个无法读取。",
        "{count} events were replayed, {passed} passed over; {rejected} could not be read.",
    ),
    "operate.unfinished": ("还没有完成，可以继续。", "It is not finished and can go on."),
    "operate.go_on": ("继续", "Go on"),
    # Audit
    "audit": ("审计日志", "Audit log"),
    "audit.lead": (
        "谁查看了个人信息、裁决了冲突、重投了死信、切换了代、删除了某人、管理了密钥。人以化名出现；"
        "按 talent:编号 查找。",
        "Who saw personal data, decided conflicts, redrove letters, switched generations, erased somebody, managed "
        "keys. People appear under pseudonyms; look one up as talent:ID.",
    ),
    "audit.whole": ("全部 {count} 条的哈希链完整。", "The hash chains of all {count} events are whole."),
    "audit.part": (
        "最近 {count} 条的哈希链完整。检查整个日志：",
        "The hash chains of the last {count} events are whole. To check all of the log:",
    ),
    "audit.broken": ("哈希链在 {count} 处断裂！", "The hash chains break in {count} places!"),
    "audit.action": ("动作", "Action"),
    "audit.caller": ("执行者", "Caller"),
    "audit.about": ("对象", "About"),
    "audit.more": ("另有 {count} 条较早的未显示。", "{count} older ones are not shown."),
    "audit.none": ("没有这样的记录。", "There is no such event."),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
}

_PREFERRED = re.compile(r"\s*([a-zA-Z]{1,8})")


def text(language: Language, key: str, **amounts: object) -> str:
    """Return a text. Raises KeyError for one that there is not."""
    return TEXTS[key][language == "en"].format(**amounts)


def name_of(language: Language, kind: str, value: str) -> str:
    """Return what a field, a value, a feature, a place or a rank of education is called; itself if it has no name."""
    if kind == "outcome":
        return text(language, f"outcome.{value}") if f"outcome.{value}" in TEXTS else value
    if kind == "feature":
        return FEATURES[value].label.of(language) if value in FEATURES else value
    if kind == "place":
        return place_label(value, language)
    if kind == "rank":
        return DEGREES[language][int(value)] if value.isdecimal() and int(value) < len(DEGREES[language]) else value
    found = NAMES[kind].get(value)
    return found[language == "en"] if found else value


def location(value: str, language: Language) -> str:
    """Return what a place of a record is called: a city by its id has a name, and what a source wrote stays so."""
    return place_label(value, language) if value.isascii() and value.islower() else value


def language_of(chosen: str | None, accepted: str) -> Language:
    """Return the language that a reader has chosen, or that her browser names first of ours; else Chinese."""
    if chosen == "en":
        return "en"
    if chosen == "zh":
        return "zh"
    for part in accepted[:200].split(","):
        found = _PREFERRED.match(part)
        if found and found[1].lower() in ("zh", "en"):
            return "en" if found[1].lower() == "en" else "zh"
    return "zh"
