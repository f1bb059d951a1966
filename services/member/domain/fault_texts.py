"""Every sentence about a faulty field: code -> rule, what is wrong, what to do. Words as users know them."""

from dataclasses import dataclass
from types import MappingProxyType

_AS_TEXT = "请先把该列设置为“文本”格式，再对照证件重新录入"


@dataclass(frozen=True, slots=True)
class FaultText:
    rule: str
    what: str
    way_out: str = ""


FAULTS = MappingProxyType(
    {
        # any field
        "missing": FaultText("MEM-01", "未填写", "请补填后重新提交"),
        "missing_wanted": FaultText("MEM-23", "未填写，个人信息不完整", "可以稍后在成员资料中补填"),
        "not_in_list": FaultText("MEM-01", "不在可选范围内", "请从以下选项中选择：{allowed}"),
        "too_long": FaultText("MEM-01", "超过{most}个字", "请缩短后重新提交"),
        "formula_without_value": FaultText(
            "MEM-09", "单元格是公式，文件里没有它的计算结果", "请在表格软件中打开并保存一次，或改为直接填写内容"
        ),
        "cell_error": FaultText("MEM-09", "单元格显示的是错误值（如 #N/A）", "请改为直接填写内容"),
        # name
        "name_length": FaultText("MEM-01", "姓名应为2至50个字", "请填写证件上的完整姓名"),
        "name_with_digits": FaultText("MEM-01", "姓名中有数字", "请填写证件上的姓名，并检查是否填错了列"),
        "name_characters": FaultText("MEM-01", "姓名只能用汉字、“·”、拉丁字母和空格", "请去掉其他符号后重新提交"),
        # identity documents
        "number_in_scientific_notation": FaultText(
            "MEM-09", "号码被表格软件变成了科学计数法，末几位已经丢失", _AS_TEXT
        ),
        "number_digits_lost": FaultText("MEM-09", "号码末几位被表格软件变成了0，原来的数字已经丢失", _AS_TEXT),
        "number_malformed": FaultText("MEM-10", "证件号码格式不对，{kind}应为{form}", "请对照证件逐位核对"),
        "number_length": FaultText("MEM-10", "居民身份证号码应为18位", "请对照证件逐位核对"),
        "number_old_15_digits": FaultText("MEM-10", "填写的是15位旧身份证号码", "请填写现在使用的18位号码"),
        "number_province": FaultText("MEM-10", "号码前两位不是任何省份的代码", "请对照证件逐位核对"),
        "number_birth_date": FaultText("MEM-10", "号码中的出生日期不存在", "请对照证件逐位核对"),
        "number_check_digit": FaultText("MEM-10", "号码的校验位不对，至少有一位填错", "请对照证件逐位核对"),
        "number_district_unknown": FaultText(
            "MEM-10", "号码前六位不在现有行政区划表中", "可能是早年撤销的区划，请核对证件"
        ),
        "number_of_example": FaultText("MEM-09", "这是模板示例行里的号码", "请填写本人的证件号码，或删除这一行"),
        "number_repeated": FaultText(
            "MEM-10", "身份证号重复：与本表第{row}行相同", "每人只填一行，多个职务写在同一格并用“、”分开"
        ),
        "number_registered": FaultText(
            "MEM-10", "身份证已注册，系统中的资料与本行不同", "请核对姓名和号码，仍有疑问请联系上级团组织"
        ),
        "number_registered_elsewhere": FaultText(
            "MEM-10", "身份证已注册，现在属于“{organization}”", "请由新团支部发起组织关系转入，不必重新录入"
        ),
        "number_registered_meanwhile": FaultText(
            "MEM-10", "身份证号在本次导入期间刚由别处录入", "请核对后重新上传这一行，仍失败请联系上级团组织"
        ),
        "branch_closing": FaultText("MEM-03", "该团支部正在办理撤销，只出不进", "请录入其他团支部，或联系上级团组织"),
        "changed_meanwhile": FaultText("MEM-09", "处理这一行时有人修改了同一人的资料", "请重新上传这一行"),
        "sex_differs": FaultText("MEM-10", "与证件号码中的性别不一致", "请核对性别和证件号码"),
        "birth_date_differs": FaultText("MEM-10", "与证件号码中的出生日期不一致", "请核对出生日期和证件号码"),
        # dates
        "date_unreadable": FaultText("MEM-01", "看不懂这个日期", "请写成 2019-05-04 这样的形式"),
        "date_two_digit_year": FaultText("MEM-01", "年份要写4位", "请写成 2019-05-04 这样的形式"),
        "date_ambiguous_month": FaultText(
            "MEM-01", "分不清是1月还是10月（表格软件把末尾的0去掉了）", "请写成 2019-10 或 2019-01 这样的形式"
        ),
        "date_impossible": FaultText("MEM-01", "没有这一天", "请核对年、月、日"),
        "date_without_month": FaultText("MEM-01", "只有年份", "请至少写到月，如 2019-05"),
        "date_without_day": FaultText("MEM-01", "没有写到日", "请写成 2019-05-04 这样的形式"),
        "date_in_future": FaultText("MEM-01", "日期晚于今天", "请核对年、月、日"),
        # ages
        "joined_too_young": FaultText(
            "MEM-04",
            "入团时未满{minimum}周岁",
            "请核对入团日期；确属特殊情况的，由发展团组织或县级团委出具说明，经省级团委汇总报团中央录入",
        ),
        "too_young": FaultText("MEM-05", "现在未满{minimum}周岁", "请核对出生日期和证件号码，满{minimum}周岁后再录入"),
        "too_old": FaultText(
            "MEM-05", "已满{below}周岁，不能作为普通团员录入", "如担任团内职务，请填写团内职务和任职日期"
        ),
        # development number
        "development_number_missing": FaultText(
            "MEM-06", "按入团日期必须填写发展团员编号", "请查看入团志愿书右上角的编号"
        ),
        "development_number_malformed": FaultText("MEM-06", "填写有误（格式不对）", "请对照入团志愿书核对编号"),
        "development_number_length": FaultText("MEM-06", "位数不对，应为{form}", "请对照入团志愿书核对编号"),
        "development_number_year": FaultText(
            "MEM-06", "前四位年份与入团时间不一致", "请对照入团志愿书核对编号和入团日期"
        ),
        "development_number_segment": FaultText(
            "MEM-06", "号段不对", "请对照入团志愿书核对编号，仍有疑问请联系上级团组织"
        ),
        "development_number_taken": FaultText(
            "MEM-06", "发展团员编号被占用", "请对照入团志愿书核对，编号无误请联系上级团组织协调"
        ),
        "development_number_repeated": FaultText(
            "MEM-06", "发展团员编号重复：与本表第{row}行相同", "每人一个编号，请对照入团志愿书核对"
        ),
        "development_number_digits_lost": FaultText(
            "MEM-09",
            "编号被表格软件变成了科学计数法，末几位可能已经丢失",
            "请先把该列设置为“文本”格式，再对照入团志愿书重新录入",
        ),
        "segment_not_checked": FaultText("MEM-06", "尚无{province}的号段数据，未核对号段"),
        # political status and membership
        "masses_without_position": FaultText(
            "MEM-05", "政治面貌为群众且没有团内职务，不能作为团员录入", "请核对政治面貌，或填写团内职务"
        ),
        "masses_as_member": FaultText("MEM-02", "政治面貌为群众，却按团员填写", "请核对政治面貌与是否团员、入团信息"),
        "league_member_not_marked": FaultText(
            "MEM-02",
            "政治面貌是共青团员，但“是否团员”没有填“是”",
            "如需一并录入团员资料，请填“是”并补齐团支部和入团日期",
        ),
        # branch
        "branch_unknown": FaultText(
            "MEM-03",
            "没有叫这个名字的直属下级团支部",
            "请填写团支部全称；刚刚建立的，过几秒再上传这些行；不是直属下级的，由其自己的上级录入",
        ),
        "branch_named_twice": FaultText(
            "MEM-02", "有两个团支部叫这个名字：{places}", "请先由上级给其中一个改名，再重新上传"
        ),
        "branch_not_direct": FaultText(
            "MEM-03", "新团员只能录入本组织的直属下级团支部", "请由该团支部或它的上级录入团员，再在这里登记职务"
        ),
        "branch_not_own": FaultText("MEM-03", "不是本团支部的名称", "本支部上传时可以不填这一列"),
        "member_of_other_branch": FaultText(
            "MEM-24", "已是其他团支部的团员，与填写的团支部不同", "请核对所属团支部全称，或先办理组织关系转接"
        ),
        "registered_without_membership": FaultText(
            "MEM-24",
            "此人已登记，但不是团员；登记职务不改变团籍",
            "请把“是否团员”填“否”，只登记职务；要登记为团员的，由团支部或其上级录入团员",
        ),
        # contact
        "mobile_malformed": FaultText("MEM-01", "手机号码不对", "请填写11位手机号码，境外号码以+和国家代码开头"),
        "email_malformed": FaultText("MEM-01", "电子邮箱不对", "请填写形如 name@example.cn 的地址"),
        "phone_malformed": FaultText("MEM-01", "电话号码不对", "请填写手机号码，或带区号的固定电话"),
        "emergency_incomplete": FaultText("MEM-01", "紧急联系人和电话只填了一项", "请两项都填，或都不填"),
        "income_malformed": FaultText(
            "MEM-01", "收入应为“学生”“无固定收入”或每月税后金额（元，最多两位小数）", "请改正后重新提交"
        ),
        # positions
        "position_not_in_list": FaultText(
            "MEM-24",
            "有的职务不在本级组织可用的职务中",
            "可用的职务：{allowed}；多个职务用“、”分开",
        ),
        "position_twice": FaultText("MEM-24", "同一职务写了两次", "请去掉重复的一个"),
        "since_without_position": FaultText(
            "MEM-24", "填了任职日期但没有团内职务，任职日期未采用", "如任职请补填团内职务"
        ),
        # the row
        "columns_shifted": FaultText(
            "MEM-09", "从“{from_column}”列起内容错位，像是向{direction}移了{count}列", "请把内容移回对应的列再上传"
        ),
        # the workbook as a whole: notes, no faults
        "columns_ignored": FaultText("MEM-09", "以下列不在模板中，未读取：{columns}"),
        "sheets_unread": FaultText("MEM-09", "以下工作表未读取：{sheets}"),
        "example_row": FaultText("MEM-09", "第{row}行是模板的示例行，未导入"),
    }
)
