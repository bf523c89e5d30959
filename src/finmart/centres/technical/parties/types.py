"""The words of parties: kinds of organisation, roles, acts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import AccessDenied, Refusal


class OrganisationKind(Code):
    ASSESSOR = "ASSESSOR", "第三方评估机构"
    BANK = "BANK", "银行"
    DEPARTMENT = "DEPARTMENT", "政府部门"
    ENTERPRISE = "ENTERPRISE", "企业"
    FUND = "FUND", "政府性基金"
    GUARANTOR = "GUARANTOR", "担保机构"
    INSURER = "INSURER", "保险机构"
    OPERATOR = "OPERATOR", "运营机构"
    REGULATOR = "REGULATOR", "监管部门"


INSTITUTION_KINDS = frozenset({OrganisationKind.BANK, OrganisationKind.INSURER, OrganisationKind.GUARANTOR})


class Role(Code):
    """What a person may be in an organisation. A membership holds one or several.

    Of a regulator, FINANCIAL is competent for institutions and borrowers and sees whom a warning names; others do not.
    """

    DEPARTMENT_OFFICER = "DEPARTMENT_OFFICER", "部门经办人"
    ENTERPRISE_CLERK = "ENTERPRISE_CLERK", "企业经办人"
    ENTERPRISE_LEGAL_PERSON = "ENTERPRISE_LEGAL_PERSON", "企业法定代表人"
    INSTITUTION_ACCOUNT_MANAGER = "INSTITUTION_ACCOUNT_MANAGER", "客户经理"
    INSTITUTION_ADMINISTRATOR = "INSTITUTION_ADMINISTRATOR", "机构管理员"
    INSTITUTION_APPROVER = "INSTITUTION_APPROVER", "审批人"
    INSTITUTION_DISBURSEMENT_OFFICER = "INSTITUTION_DISBURSEMENT_OFFICER", "放款审核岗"
    INSTITUTION_REVIEWER = "INSTITUTION_REVIEWER", "授信审查岗"
    OPERATOR = "OPERATOR", "平台运营"
    OPERATOR_ADMINISTRATOR = "OPERATOR_ADMINISTRATOR", "平台管理员"
    REGULATOR_FINANCIAL = "REGULATOR_FINANCIAL", "金融监管人员"
    REGULATOR_OFFICER = "REGULATOR_OFFICER", "监管人员"


class PartiesAct(StrEnum):
    """Audit tags and permissions of this centre."""

    CONFLICT_END = "parties:conflict:end"
    CONFLICT_RECORD = "parties:conflict:record"
    DEPUTY_APPOINT = "parties:deputy:appoint"
    DEPUTY_END = "parties:deputy:end"
    MANDATE_GRANT = "parties:mandate:grant"
    MANDATE_REVOKE = "parties:mandate:revoke"
    MEMBERSHIP_ADD = "parties:membership:add"
    MEMBERSHIP_CHANGE_ROLES = "parties:membership:change_roles"
    MEMBERSHIP_END = "parties:membership:end"
    ORGANISATION_CORRECT = "parties:organisation:correct"
    ORGANISATION_REGISTER = "parties:organisation:register"
    PERSON_CHANGE_CONTACT = "parties:person:change_contact"
    PERSON_CHANGE_PASSWORD = "parties:person:change_password"  # noqa: S105 - a tag
    PERSON_CORRECT = "parties:person:correct"
    PERSON_FIND = "parties:person:find"
    PERSON_REGISTER = "parties:person:register"
    SECOND_FACTOR_ENROL = "parties:second_factor:enrol"
    SECOND_FACTOR_REMOVE = "parties:second_factor:remove"
    SESSION_CHOOSE_ORGANISATION = "parties:session:choose_organisation"
    SESSION_SIGN_IN = "parties:session:sign_in"
    SESSION_SIGN_OUT = "parties:session:sign_out"


class MandateScope(Code):
    """What a mandate lets its holder sign."""

    ALL = "ALL", "全部文件"
    CONSENT = "CONSENT", "数据授权书"
    CONTRACT = "CONTRACT", "合同"


class ConflictKind(Code):
    """What ties a person to an organisation they must not decide about. (Its own members need no record.)"""

    DECLARED = "DECLARED", "本人申报"
    FAMILY = "FAMILY", "近亲属任职或持股"
    GUARANTOR = "GUARANTOR", "提供担保"
    SHAREHOLDER = "SHAREHOLDER", "持有股份"


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """An interest on record as the person's own organisation reads it."""

    id: int
    person: "PersonRef"
    organisation_name: str
    kind: str
    note: str
    recorded_by: str
    valid_from: datetime
    can_end: bool

    @property
    def kind_label(self) -> str:
        return ConflictKind(self.kind).label


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person as found by who looks for them: unmasked here, masked by pages. ``organisations`` are names."""

    id: int
    full_name: str
    username: str
    is_active: bool
    organisations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrganisationRef:
    """What other centres and pages may know of any organisation."""

    id: int
    uuid: UUID
    name: str
    kind: str
    credit_code: str
    district: str
    is_example: bool


@dataclass(frozen=True, slots=True)
class PersonRef:
    """What other centres may know of a person; never more than the name."""

    id: int
    full_name: str


@dataclass(frozen=True, slots=True)
class PersonContact:
    """A person with what is kept to reach them; only for centres that mask it before anybody sees it."""

    id: int
    uuid: UUID
    full_name: str
    phone: str
    email: str
    organisation_id: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """The active members of an organisation who hold any of the roles, whoever they are when it is asked."""

    organisation_id: int
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MandateRef:
    """A standing permission to sign for an organisation."""

    id: int
    person: PersonRef
    organisation_id: int
    scope: str
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A mandate as its organisation reads it. ``can_revoke`` says whether the reader may end it."""

    id: int
    person: PersonRef
    scope: str
    granted_by: str
    valid_from: datetime
    valid_to: datetime | None
    is_own_right: bool
    can_revoke: bool

    @property
    def scope_label(self) -> str:
        return MandateScope(self.scope).label


@dataclass(frozen=True, slots=True)
class DeputyRow:
    """Who stands in for whom. ``has_begun`` tells a planned deputy from one at work."""

    id: int
    absent: PersonRef
    deputy: PersonRef
    valid_from: datetime
    valid_to: datetime
    has_begun: bool
    can_end: bool


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the organisation's own page shows it, with what the reader may do."""

    membership_id: int
    person: PersonRef
    username: str
    roles: tuple[str, ...]
    valid_from: datetime
    can_change: bool
    can_end: bool

    @property
    def role_labels(self) -> list[str]:
        return [Role(code).label for code in self.roles]


class UnableToEnd(Refusal):
    """A membership, mandate or deputy that cannot end in this way."""

    code = "UNABLE_TO_END"


class UnableToRegister(Refusal):
    code = "UNABLE_TO_REGISTER"


class UnableToSign(AccessDenied):
    """The person holds no mandate for this organisation and document; the attempt is recorded."""

    code = "UNABLE_TO_SIGN"
