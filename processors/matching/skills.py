"""Skill names: different spellings and languages of one skill become one name."""

import re
import unicodedata
from functools import lru_cache

# name: other spellings. Case, spaces, dots, hyphens and slashes make no difference and are not listed.
_ALIASES = """
javascript: js, ecmascript, es6
typescript: ts
python: python3, py, python语言, python编程
java: java语言, java开发
go: golang, go语言
c++: cpp, c/c++
c#: csharp
.net: dotnet, .net core, asp.net
objective-c: objc
node.js: node
react: react.js
vue: vue.js, vue2, vue3
angular: angular.js
spring boot: spring
kubernetes: k8s, kube
docker: 容器, 容器化, containers
postgresql: postgres, pg, pgsql
mysql: mysql数据库
mongodb: mongo
elasticsearch: es搜索, elastic search, elk
kafka: apache kafka
spark: apache spark, pyspark
flink: apache flink
hadoop: apache hadoop
hive: apache hive
airflow: apache airflow
redis: redis缓存
rabbitmq: rabbit mq
linux: linux系统
git: git版本控制
ci/cd: cicd, 持续集成, 持续交付, continuous integration, 持续集成与部署
amazon web services: aws, 亚马逊云
google cloud: gcp, google cloud platform, 谷歌云
azure: microsoft azure, 微软云
alibaba cloud: aliyun, 阿里云
microservices: 微服务, microservice, 微服务架构, microservice architecture
distributed systems: 分布式, 分布式系统, distributed system
unit testing: 单元测试, unit tests
software testing: 软件测试, 测试, testing, qa
test automation: 自动化测试, automated testing
machine learning: 机器学习, ml
deep learning: 深度学习, dl
natural language processing: 自然语言处理, nlp
computer vision: 计算机视觉, cv, 机器视觉
large language models: 大模型, 大语言模型, llm, llms, large language model
recommender systems: 推荐系统, 推荐算法, recommendation systems, recommender system
feature engineering: 特征工程
artificial intelligence: 人工智能, ai
pytorch: torch
tensorflow: tf
scikit-learn: sklearn
data analysis: 数据分析, data analytics
data modelling: 数据建模, data modeling
data warehousing: 数据仓库, 数仓, data warehouse
data visualisation: 数据可视化, data visualization
data mining: 数据挖掘
big data: 大数据
statistics: 统计学, 统计分析, 统计
excel: microsoft excel, ms excel
power bi: powerbi
a/b testing: a/b测试, ab测试, ab test, ab实验
metrics design: 指标体系
algorithms: 算法, algorithm
requirements analysis: 需求分析, requirement analysis
user research: 用户调研, 用户研究
product roadmapping: 产品路线图, product roadmap
product management: 产品管理
product design: 产品设计
competitive analysis: 竞品分析
prototyping: 原型设计
agile: 敏捷, 敏捷开发, agile development, scrum
project management: 项目管理, pmp
visual design: 视觉设计
interaction design: 交互设计
motion design: 动效设计
design systems: 设计系统
usability testing: 可用性测试
typography: 排版
photoshop: ps, adobe photoshop
illustrator: adobe illustrator
key account management: 大客户管理, 大客户销售
negotiation: 商务谈判, 谈判
solution selling: 解决方案销售
crm systems: crm系统, crm
channel development: 渠道拓展
contract management: 合同管理
customer relations: 客户关系维护, 客户关系, 客户关系管理
sales forecasting: 销售预测
sales: 销售
tendering: 招投标
presentation: 演讲表达, presentations
recruiting: 招聘, recruitment
sourcing: 招聘渠道管理
structured interviewing: 结构化面试
talent assessment: 人才测评
employer branding: 雇主品牌
organisational development: 组织发展, organizational development
performance management: 绩效管理
employee relations: 员工关系
labour law: 劳动法, labor law
compensation and benefits: 薪酬福利, 薪酬管理, 薪酬, compensation
training and development: 培训发展, 培训
communication: 沟通协调, 沟通, 沟通能力, communication skills
teamwork: 团队合作, 团队协作
team management: 团队管理, people management
financial modelling: 财务建模, financial modeling
financial reporting: 财务报表
financial analysis: 财务分析
budgeting: 预算管理, 预算
general ledger: 总账
tax filing: 税务申报, 税务
cost accounting: 成本核算
internal audit: 内部审计, 内审
auditing: 审计, audit
accounting standards: 企业会计准则, 会计准则
accounting: 会计
risk control: 风险控制, 风控, risk management, 风险管理
paid social: 信息流投放
seo: 搜索引擎优化, search engine optimization
content marketing: 内容营销
brand planning: 品牌策划
event planning: 活动策划
public relations: 公关传播, 公关
community management: 社群运营
copywriting: 文案写作, 文案
market research: 市场调研
marketing: 市场营销
user growth: 用户增长
operations: 运营
supplier management: 供应商管理
supply chain: 供应链, 供应链管理, supply chain management
inventory management: 库存管理
procurement: 采购, purchasing
process improvement: 流程优化
lean management: 精益管理, 精益生产, lean
intensive care: 重症监护, 重症护理, icu
cpr: 心肺复苏
ventilator care: 呼吸机管理
iv therapy: 静脉输液
paediatric care: 儿科护理, pediatric care
family communication: 家属沟通
clinical documentation: 病历书写
aseptic technique: 无菌操作
first aid: 急救
patient education: 健康宣教
nursing licence: 护士执业资格, nursing license
nursing: 护理
english: 英语
mandarin: 普通话, 中文, chinese
japanese: 日语
"""
_SEPARATORS = re.compile(r"[\s._\-/·・、]+")


def _compact(name: str) -> str:
    return _SEPARATORS.sub("", name)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in _ALIASES.strip().splitlines():
        name, _, others = line.partition(": ")
        for spelling in (name, *others.split(", ")):
            table[_compact(_folded(spelling))] = name
    return table


_NAMES = _table()


@lru_cache(maxsize=50_000)
def skill_name(name: str) -> str:
    """Return the name under which a skill is compared: `K8s` is `kubernetes`, `机器学习` is `machine learning`."""
    folded = _folded(name)
    known = _NAMES.get(_compact(folded))
    if known:
        return known
    return _SEPARATORS.sub(" ", folded).strip() or folded
