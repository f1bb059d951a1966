"""Why a file as a whole is not taken in (MEM-09, X21 to X25): nothing was imported, one sentence says what to do."""

from typing import ClassVar

from shared.kernel.refusals import Kind, Refusal, code_of


class WorkbookRefused(Refusal):
    """Base of all refusals of a file. The sentence says what to do itself, so there is no way out beside it."""

    kind: ClassVar[Kind] = Kind.INVALID
    rule: ClassVar[str] = "MEM-09"


class WorkbookTooLarge(WorkbookRefused):
    kind = Kind.TOO_LARGE
    rule = "X21"
    zh = "文件超过5 MiB，请去掉图片和多余的工作表，或分成几个文件上传。"
    en = "The file is larger than 5 MiB: remove pictures and spare sheets, or upload it in parts."


class WorkbookEmpty(WorkbookRefused):
    zh = "文件是空的，请重新选择填好的工作簿。"
    en = "The file is empty: choose the filled-in workbook again."


class WorkbookIsCsv(WorkbookRefused):
    zh = "这是.csv文本文件，请在表格软件中另存为.xlsx后再上传。"
    en = "This is a .csv text file: save it as .xlsx in a spreadsheet program and upload that."


class WorkbookKindUnknown(WorkbookRefused):
    zh = "只能上传.xlsx或.xls工作簿，这个文件是{found}，请在表格软件中另存为.xlsx后再上传。"
    en = "Only .xlsx or .xls workbooks are read, this file is {found}: save it as .xlsx and upload that."


class WorkbookDamaged(WorkbookRefused):
    zh = "文件不完整或已损坏，请在表格软件中打开它，另存为新的.xlsx后再上传。"
    en = "The file is incomplete or damaged: open it in a spreadsheet program, save it as a new .xlsx and upload that."


class WorkbookEncrypted(WorkbookRefused):
    zh = "文件设有打开密码，请在表格软件中取消密码、保存后再上传。"
    en = "The file is protected by a password: remove the password, save, and upload again."


class WorkbookBomb(WorkbookRefused):
    rule = "X21"
    zh = "文件解压后过大或结构异常，请把数据复制到新下载的模板中再上传。"
    en = "The file unpacks to far more than it should: copy the data into a freshly downloaded template."


class WorkbookXmlUnsafe(WorkbookRefused):
    rule = "X22"
    zh = "文件内部含有不允许的声明，请把数据复制到新下载的模板中再上传。"
    en = "The file contains declarations that are not allowed: copy the data into a freshly downloaded template."


class WorkbookActiveContent(WorkbookRefused):
    rule = "X24"
    zh = "文件含有{found}，请把数据复制到新下载的模板中再上传。"
    en = "The file contains active content ({found}): copy the data into a freshly downloaded template."


class WorkbookTooManyRows(WorkbookRefused):
    rule = "X23"
    zh = "数据超过{most}行，请分成几个文件上传。"
    en = "There are more than {most} rows of data: upload them in several files."


class WorkbookTooManyColumns(WorkbookRefused):
    rule = "X23"
    zh = "数据超过{most}列，请删除模板以外的列后再上传。"
    en = "There are more than {most} columns: delete the columns that are not in the template."


class WorkbookStrayCell(WorkbookRefused):
    rule = "X23"
    zh = "{cell}附近有一个远离数据的单元格，请删除数据下方和右侧的多余行列后再上传。"
    en = "There is a cell far away from the data near {cell}: delete the spare rows and columns around the data."


class WrongTemplate(WorkbookRefused):
    zh = (
        "您上传的excel表格错误，‘导入本级团干部’和‘导入下级团支部团员团干部’中所下载的模板不可混用，"
        "请重新上传正确的表格"
    )
    en = "This is the workbook of the other template: download the right template and upload that."


class TemplateNotForBranch(WorkbookRefused):
    rule = "MEM-24"
    zh = "团支部的团干部用模板‘导入下级团支部团员团干部’录入，请下载该模板重新填写。"
    en = "A branch enters its cadres by the template for members: download that one."


class HeaderNotFound(WorkbookRefused):
    zh = "没有找到表头（姓名、证件号码等列名所在的行），请使用下载的模板，不要删改表头。"
    en = "No header row was found: use the downloaded template and keep its header."


class ColumnsMissing(WorkbookRefused):
    zh = "缺少必需的列：{columns}，请补上这些列后再上传。"
    en = "Required columns are missing ({columns}): add them and upload again."


class ColumnTwice(WorkbookRefused):
    zh = "列“{column}”出现了两次，请只保留一列后再上传。"
    en = "The column {column} is there twice: keep only one."


class NoRows(WorkbookRefused):
    zh = "表头下面没有数据，请填写后再上传。"
    en = "There is no data under the header: fill it in and upload again."


class WorkbookUnreadable(WorkbookRefused):
    rule = "X25"
    zh = "文件太复杂，没能在限定的时间和内存内读完，请把数据复制到新下载的模板中再上传。"
    en = "The file could not be read within the limits of time and memory: copy the data into a fresh template."


def _all(base: type[WorkbookRefused]) -> list[type[WorkbookRefused]]:
    return [found for child in base.__subclasses__() for found in (child, *_all(child))]


BY_CODE = {code_of(refusal): refusal for refusal in _all(WorkbookRefused)}
