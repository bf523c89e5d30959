"""The words of documents: acts, kinds of content, what others may know of a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from finmart.kit.codes import Code
from finmart.kit.errors import Refusal


class DocumentsAct(StrEnum):
    """Audit tags and permissions of this centre."""

    ACCESS_GRANT = "documents:access:grant"
    ACCESS_REVOKE = "documents:access:revoke"
    DOCUMENT_DOWNLOAD = "documents:document:download"
    DOCUMENT_STORE = "documents:document:store"
    VERSION_ADD = "documents:version:add"


class ContentKind(Code):
    """What a file is by its bytes, whatever its name says."""

    ARCHIVE = "ARCHIVE", "压缩包"
    DOCX = "DOCX", "Word 文档"
    EMPTY = "EMPTY", "空文件"
    EXECUTABLE = "EXECUTABLE", "可执行程序"
    HTML = "HTML", "网页"
    JPG = "JPG", "JPG 图片"
    MACRO = "MACRO", "含宏或嵌入程序的 Office 文件"
    OFD = "OFD", "OFD 版式文件"
    OTHER = "OTHER", "未知格式"
    PDF = "PDF", "PDF 文件"
    PNG = "PNG", "PNG 图片"
    SCRIPT = "SCRIPT", "脚本"
    SVG = "SVG", "SVG 图形"
    TEXT = "TEXT", "纯文本"
    XLSX = "XLSX", "Excel 工作簿"
    XML = "XML", "XML 文件"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read a document: exactly one of the two."""

    organisation_id: int | None = None
    person_id: int | None = None

    def __post_init__(self) -> None:
        if (self.organisation_id is None) == (self.person_id is None):
            raise ValueError("a grant names one organisation or one person")


class UnableToStore(Refusal):
    """The file is too large, of a type not taken, or not what its name says."""

    code = "UNABLE_TO_STORE"


@dataclass(frozen=True, slots=True)
class AcceptedType:
    """A file type the platform takes: the extension (lower case, no dot), what its bytes must be, how it is served."""

    extension: str
    kind: ContentKind
    media_type: str


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What may be uploaded: size in bytes of one file, and the types."""

    most_bytes: int
    accepted: tuple[AcceptedType, ...]

    @property
    def extensions(self) -> str:
        """The extensions as an ``accept`` attribute wants them: ``.pdf,.jpg``."""
        return ",".join(f".{item.extension}" for item in self.accepted)

    @property
    def words(self) -> str:
        """The extensions as people read them: ``pdf、jpg``."""
        return "、".join(item.extension for item in self.accepted)

    @property
    def most_megabytes(self) -> int:
        return self.most_bytes // (1024 * 1024)

    def too_large(self) -> UnableToStore:
        """Return the refusal of a larger file; edges raise it as soon as they know."""
        return UnableToStore(f"文件超过 {self.most_megabytes} MB 上限", field="file", remedy="请压缩或拆分后再上传")


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document at one version. ``size`` in bytes, ``sha256`` in hex, ``acts`` the tags this actor may do."""

    uuid: UUID
    name: str
    purpose: str
    media_type: str
    size: int
    sha256: str
    version: int
    created_at: datetime
    uploaded_at: datetime
    owner_organisation_id: int | None
    acts: frozenset[str]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a document, as its history shows it."""

    number: int
    name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class Download:
    """A document and its bytes in pieces of at most 1 MiB, each checked against its hash before it is given out."""

    document: DocumentRef
    pieces: Iterator[bytes]


class DocumentDamaged(RuntimeError):
    """Stored bytes no longer match their hash: a fault of the store, not of the user."""
