"""The texts of the sheet 填写说明: what each column asks for."""

from types import MappingProxyType

from services.member.domain.fields import Mark, Template

MARK_MEANINGS = MappingProxyType(
    {
        Mark.REQUIRED: "必填(*)",
        Mark.CONDITIONAL: "符合条件时必填",
        Mark.WANTED: "应填(+)",
        Mark.OPTIONAL: "选填",
    }
)

_BOTH = {
    "name": "证件上的姓名，2至50个字，只用汉字、“·”、拉丁字母和空格。",
    "document_kind": "不填就是居民身份证，其他证件请从下拉列表中选择。",
    "number": "居民身份证为18位。请保持本列为“文本”格式，否则表格软件会把末几位变成0。",
    "sex": "男或女，应与身份证号码一致；不填时取号码中的性别。",
    "birth_date": "写成 2005-07-01 这样的形式。居民身份证、港澳台居民居住证可以不填，其他证件必填。",
    "ethnicity": "民族名称，“族”字可写可不写。不填可以导入，但个人信息不完整。",
    "political_status": "共青团员、中共党员、中共预备党员；群众只用于团干部。",
    "education": "从下拉列表中选择。不填可以导入，但个人信息不完整。",
    "join_date": "团员必填，写到月即可，如 2019-05；不满规定年龄入团的不能录入。",
    "development_number": "2017年1月1日以后（新疆2016年1月1日以后）入团的必填，见入团志愿书右上角，一般为12位。",
    "mobile": "11位手机号码，境外号码以+和国家代码开头。不填可以导入，但个人信息不完整。",
    "email": "如 name@example.cn。",
    "position_since": "担任团内职务的日期，写成 2023-09-01 这样的形式。",
    "remark": "不超过200个字。",
}
GUIDE = MappingProxyType(
    {
        Template.MEMBERS: MappingProxyType(
            {
                "branch": "团支部的完整名称，须是本组织的直属下级团支部；团支部自己上传时可以不填。",
                **_BOTH,
                "join_place": "入团时所在的地区或学校，不超过100个字。",
                "work_or_school": "不超过100个字。",
                "occupation": "从下拉列表中选择。",
                "income": "学生、无固定收入，或每月税后金额（元）。",
                "positions": "不填就是普通团员；有多个职务时用“、”分开。",
                "position_since": "填了团内职务时必填，写成 2023-09-01 这样的形式。",
                "emergency_contact": "与紧急联系人电话一起填写，或都不填。",
                "emergency_phone": "与紧急联系人一起填写，或都不填。",
            }
        ),
        Template.CADRES: MappingProxyType(
            {
                **_BOTH,
                "positions": "在本级组织担任的职务，有多个时用“、”分开。",
                "appointment_kind": "专职、兼职或挂职。",
                "is_member": "是或否；填“是”时，所属团支部全称和入团日期必填。",
                "branch": "“是否团员”填“是”时必填，团支部的完整名称。",
            }
        ),
    }
)
