"""Kinds of documents as users know them, and the keyed hashes by which numbers are found. Owner: the member team."""

from collections.abc import Mapping

DOCUMENT_LOOKUPS: Mapping[str, str] = {
    "居民身份证": "identity-number",
    "港澳居民来往内地通行证": "mainland-travel-permit-hk-mo",
    "台湾居民来往大陆通行证": "mainland-travel-permit-tw",
    "港澳台居民居住证": "residence-permit-hk-mo-tw",
    "外国人永久居留身份证": "permanent-residence-foreigner",
    "护照": "passport",
}
"""MEM-10: kinds of documents as users know them -> the kind of keyed hash that gives `number_hash`."""
