"""A local stand-in for AWS: moto's server with the reads of AWS Backup and Organizations that moto
5.2.1 lacks. It proves wire formats, routing by account and error paths, not what AWS decides.

usage: python stand_in.py PORT   (ends when its standard input does)

Recovery points and failed copy jobs have no API that makes them, so this server takes them by
PUT /backup-vaults/VAULT/recovery-points/ARN and PUT /copy-jobs/ID, with the answer of
DescribeRecoveryPoint or the job of DescribeCopyJob as body. Encoded authorization messages are
base64 here. Lists come in pages of four.
"""

import base64
import datetime
import json
import os
import sys
import threading
import time
import uuid
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.exceptions import ResourceNotFoundException
from moto.backup.responses import BackupResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.kms.responses import KmsResponse
from moto.organizations.models import (
    FakeDelegatedAdministrator,
    FakePolicy,
    organizations_backends,
)
from moto.organizations.responses import OrganizationsResponse
from moto.sts.exceptions import STSClientError
from moto.sts.responses import TokenResponse

PAGE = 4


def state(self):
    backend = self.backup_backend
    if not hasattr(backend, "_more"):
        backend._more = {
            "policies": {},
            "points": {},
            "jobs": {},
            "selections": {},
            "global": {"isCrossAccountBackupEnabled": "false"},
            "region": {kind: True for kind in ("EBS", "EC2", "EFS", "RDS", "S3", "DynamoDB")},
        }
    return backend._more


def segments(self):
    return [unquote(part) for part in self.path.split("?")[0].strip("/").split("/")]


def vault(self):
    """The vault that the path names; fails where there is none."""
    name = segments(self)[1]
    self.backup_backend.describe_backup_vault(name)
    return name


def put_backup_vault_access_policy(self):
    state(self)["policies"][vault(self)] = json.loads(self.body or "{}").get("Policy", "{}")
    return ""


def get_backup_vault_access_policy(self):
    name = vault(self)
    if name not in state(self)["policies"]:
        raise ResourceNotFoundException(name)
    arn = f"arn:aws:backup:{self.region}:{self.current_account}:backup-vault:{name}"
    policy = state(self)["policies"][name]
    return json.dumps({"BackupVaultName": name, "BackupVaultArn": arn, "Policy": policy})


def describe_global_settings(self):
    return json.dumps({"GlobalSettings": state(self)["global"], "LastUpdateTime": time.time()})


def update_global_settings(self):
    state(self)["global"].update(json.loads(self.body)["GlobalSettings"])
    return ""


def describe_region_settings(self):
    return json.dumps(
        {
            "ResourceTypeOptInPreference": state(self)["region"],
            "ResourceTypeManagementPreference": {"DynamoDB": True, "EFS": True},
        }
    )


def create_backup_selection(self):
    plan, identifier = segments(self)[2], str(uuid.uuid4())
    selection = json.loads(self.body)["BackupSelection"]
    state(self)["selections"].setdefault(plan, {})[identifier] = selection
    return json.dumps({"SelectionId": identifier, "BackupPlanId": plan})


def list_backup_selections(self):
    plan = segments(self)[2]
    found = state(self)["selections"].get(plan, {})
    members = [
        {
            "SelectionId": identifier,
            "SelectionName": selection["SelectionName"],
            "BackupPlanId": plan,
            "IamRoleArn": selection["IamRoleArn"],
        }
        for identifier, selection in found.items()
    ]
    return json.dumps({"BackupSelectionsList": members})


def get_backup_selection(self):
    plan, identifier = segments(self)[2], segments(self)[4]
    selection = state(self)["selections"].get(plan, {}).get(identifier)
    if selection is None:
        raise ResourceNotFoundException(identifier)
    return json.dumps(
        {"BackupSelection": selection, "SelectionId": identifier, "BackupPlanId": plan}
    )


def start_copy_job(self):
    asked, identifier = json.loads(self.body), str(uuid.uuid4()).upper()
    account = self.current_account
    source = f"arn:aws:backup:{self.region}:{account}:backup-vault:{asked['SourceBackupVaultName']}"
    state(self)["jobs"][identifier] = {
        "AccountId": account,
        "CopyJobId": identifier,
        "SourceBackupVaultArn": source,
        "SourceRecoveryPointArn": asked["RecoveryPointArn"],
        "DestinationBackupVaultArn": asked["DestinationBackupVaultArn"],
        "IamRoleArn": asked["IamRoleArn"],
        "ResourceType": "EFS",
        "State": "FAILED",
        "StatusMessage": "Access Denied trying to call AWS Backup service",
        "CreationDate": time.time(),
        "CompletionDate": time.time(),
    }
    return json.dumps({"CopyJobId": identifier, "CreationDate": time.time(), "IsParent": False})


def describe_copy_job(self):
    job = state(self)["jobs"].get(segments(self)[1])
    if job is None:
        raise ResourceNotFoundException("Cannot find copy job")
    return json.dumps({"CopyJob": job})


def list_copy_jobs(self):
    """Times in the query are ISO 8601."""
    asked = {name: values[0] for name, values in self.querystring.items()}
    jobs = state(self)["jobs"].values()
    if "state" in asked:
        jobs = [job for job in jobs if job["State"] == asked["state"]]
    if "completeAfter" in asked:
        after = datetime.datetime.fromisoformat(asked["completeAfter"]).timestamp()
        jobs = [job for job in jobs if job["CompletionDate"] > after]
    return json.dumps({"CopyJobs": list(jobs)})


def put_copy_job(self):
    state(self)["jobs"][segments(self)[1]] = json.loads(self.body)
    return ""


def list_recovery_points_by_backup_vault(self):
    points = state(self)["points"].get(vault(self), {})
    return json.dumps({"RecoveryPoints": list(points.values())})


def describe_recovery_point(self):
    point = state(self)["points"].get(vault(self), {}).get(point_arn(self))
    if point is None:
        raise ResourceNotFoundException("Cannot find recovery point.")
    return json.dumps(point)


def put_recovery_point(self):
    point = json.loads(self.body)
    state(self)["points"].setdefault(vault(self), {})[point_arn(self)] = point
    return ""


def point_arn(self):
    return unquote(self.path.split("?")[0].split("/recovery-points/")[1])


def describe_backup_vault(self):
    """Moto leaves out what newer vaults tell."""
    found = self.backup_backend.describe_backup_vault(segments(self)[1])
    found.vault_state, found.vault_type = "AVAILABLE", "BACKUP_VAULT"
    return moto_describe_backup_vault(self)


def list_tags(self):
    arn = unquote(self.path.split("?")[0].split("/tags/")[1]).rstrip("/")
    for points in state(self)["points"].values():
        if arn in points:
            return json.dumps({"Tags": {"team": "orders"}})
    return moto_list_tags(self)


moto_list_tags = BackupResponse.list_tags
moto_describe_backup_vault = BackupResponse.describe_backup_vault
for function in [
    put_backup_vault_access_policy,
    get_backup_vault_access_policy,
    describe_global_settings,
    update_global_settings,
    describe_region_settings,
    create_backup_selection,
    list_backup_selections,
    get_backup_selection,
    start_copy_job,
    describe_copy_job,
    list_copy_jobs,
    list_recovery_points_by_backup_vault,
    describe_recovery_point,
    describe_backup_vault,
    list_tags,
]:
    setattr(BackupResponse, function.__name__, function)



def in_pages(responses, name, member, token, following, more=lambda answer, is_more: None):
    """Makes a list come in pages: `token` tells where one starts, `following` names the next."""
    whole = getattr(responses, name)

    def page(self):
        answer = json.loads(whole(self))
        start = int(token(self) or 0)
        entries = answer[member]
        answer[member] = entries[start : start + PAGE]
        is_more = start + PAGE < len(entries)
        if is_more:
            answer[following] = str(start + PAGE)
        more(answer, is_more)
        return json.dumps(answer)

    setattr(responses, name, page)


def of_query(self):
    return self.querystring.get("nextToken", [None])[0]


for name, member in [
    ("list_recovery_points_by_backup_vault", "RecoveryPoints"),
    ("list_backup_selections", "BackupSelectionsList"),
    ("list_backup_plans", "BackupPlansList"),
    ("list_backup_vaults", "BackupVaultList"),
    ("list_copy_jobs", "CopyJobs"),
]:
    in_pages(BackupResponse, name, member, of_query, "NextToken")
in_pages(
    KmsResponse,
    "list_grants",
    "Grants",
    lambda self: self._get_param("Marker"),
    "NextMarker",
    lambda answer, is_more: answer.update(Truncated=is_more),
)


def list_policies(self):
    """Moto pages by itself where it is asked to."""
    policies, following = self.organizations_backend.list_policies(
        policy_type=self._get_param("Filter"),
        max_results=PAGE,
        next_token=self._get_param("NextToken"),
    )
    return json.dumps({"Policies": policies, "NextToken": following})


OrganizationsResponse.list_policies = list_policies


def decode_authorization_message(self):
    try:
        text = base64.b64decode(self._get_param("EncodedMessage"), validate=True).decode()
    except ValueError as error:
        raise JsonRESTError("InvalidAuthorizationMessageException", "not encoded here") from error
    return ActionResult({"DecodedMessage": text})


TokenResponse.decode_authorization_message = decode_authorization_message

dispatch = urls.response.dispatch


def put_by(put):
    """What is put is kept; the rest goes the usual way."""

    def answer(request, full_url, headers):
        if request.method != "PUT":
            return dispatch(request, full_url, headers)
        response = BackupResponse()
        response.setup_class(request, full_url, headers)
        return 200, {}, put(response)

    return answer


urls.url_paths.update(
    {
        "{0}/backup-vaults/(?P<name>[^/]+)/access-policy$": dispatch,
        "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/?$": dispatch,
        "{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/(?P<arn>.+)$": put_by(put_recovery_point),
        "{0}/global-settings$": dispatch,
        "{0}/account-settings$": dispatch,
        "{0}/backup/plans/(?P<name>[^/]+)/selections/?$": dispatch,
        "{0}/backup/plans/(?P<name>[^/]+)/selections/(?P<id>[^/]+)$": dispatch,
        "{0}/copy-jobs/?$": dispatch,
        "{0}/copy-jobs/(?P<id>[^/]+)$": put_by(put_copy_job),
    }
)


def parents(backend, identifier):
    """The ids from the root down to an account."""
    found = [identifier]
    child = backend.get_account_by_id(identifier)
    while getattr(child, "parent_id", None):
        found.insert(0, child.parent_id)
        child = backend.get_organizational_unit_by_id(child.parent_id)
    return found


def merge(state, policy):
    """Of inheritance only what needs no judgement: keys are lower-case, the lowest level assigns,
    and lists grow."""
    for key, value in policy.items():
        key = key.lower()
        if "@@assign" in value:
            state[key] = value["@@assign"]
        elif "@@append" in value:
            state[key] = [*state.get(key, []), *value["@@append"]]
        else:
            merge(state.setdefault(key, {}), value)


def describe_effective_policy(self):
    asked = self.request_params
    target = asked.get("TargetId") or self.current_account
    backend, effective = self.organizations_backend, {}
    for level in parents(backend, target):
        for policy in backend.policies:
            at = [getattr(attached, "id", None) for attached in policy.attachments]
            if policy.type == asked["PolicyType"] and level in at:
                merge(effective, json.loads(policy.content))
    if not effective:
        raise JsonRESTError("EffectivePolicyNotFoundException", "no such policy is in effect")
    return json.dumps(
        {
            "EffectivePolicy": {
                "PolicyContent": json.dumps(effective),
                "LastUpdatedTimestamp": time.time(),
                "TargetId": target,
                "PolicyType": asked["PolicyType"],
            }
        }
    )


def list_accounts_with_invalid_effective_policy(self):
    return json.dumps({"Accounts": [], "PolicyType": self.request_params["PolicyType"]})


def list_accounts(self):
    """An organization that has an OU `paths` is one of those to which AWS shows them."""
    answer, backend = json.loads(moto_list_accounts(self)), self.organizations_backend
    if any(getattr(unit, "name", None) == "paths" for unit in backend.ou):
        for account in answer["Accounts"]:
            path = "/".join([backend.org.id, *parents(backend, account["Id"]), ""])
            account["Paths"] = [path]
    return json.dumps(answer)


def assume_role(self):
    """Accounts that are called `shut` let nobody in as `Reader`."""
    arn = self._get_param("RoleArn")
    account = arn.split(":")[4]
    names = [
        member.name
        for partitions in organizations_backends.values()
        for backend in partitions.values()
        for member in backend.accounts
        if member.id == account
    ]
    if arn.endswith("/Reader") and any(name.startswith("shut") for name in names):
        message = f"User is not authorized to perform: sts:AssumeRole on resource: {arn}"
        raise STSClientError("AccessDenied", message)
    return moto_assume_role(self)


moto_list_accounts = OrganizationsResponse.list_accounts
moto_assume_role = TokenResponse.assume_role
TokenResponse.assume_role = assume_role
OrganizationsResponse.list_accounts = list_accounts
OrganizationsResponse.list_accounts_with_invalid_effective_policy = (
    list_accounts_with_invalid_effective_policy
)
FakeDelegatedAdministrator.SUPPORTED_SERVICES.append("backup.amazonaws.com")
OrganizationsResponse.describe_effective_policy = describe_effective_policy
make_policy = FakePolicy.__init__


def any_policy(self, organization, **arguments):
    kind = arguments.get("Type")
    if kind == "BACKUP_POLICY":
        make_policy(self, organization, **{**arguments, "Type": "SERVICE_CONTROL_POLICY"})
        self.type = kind
    else:
        make_policy(self, organization, **arguments)


FakePolicy.__init__ = any_policy


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    from moto.server import main

    threading.Thread(target=end_with_parent, daemon=True).start()
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
