"""Who may set a rule, and for which place."""

from stations.choices import AdminLevel
from stations.models import Staff
from stations.roles import Permission


def why_not_rule(user: Staff, region_prefix: str) -> str:
    """Why `user` may not set a rule for this region: each federation for its own place, the city also what binds it
    from above (the law), because nobody above it works here."""
    org = user.organisation
    if org is None or not user.may(Permission.RULES_MANAGE):
        return "期限规则由法制专员修改。"
    own = org.region.prefix
    if region_prefix.startswith(own):
        return ""
    if org.level in (AdminLevel.CITY, AdminLevel.PROVINCE) and own.startswith(region_prefix):
        return ""
    return (
        "这条规则由上级妇联修改；本地另有规定的，可以定本地的规则。"
        if own.startswith(region_prefix)
        else "这条规则属于其他地方。"
    )
