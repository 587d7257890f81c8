"""Makes the set-ups of the live tests through the server's own API, and prints what they are
called: one JSON object by name.

usage: python set_ups.py ENDPOINT

Each set-up is an organization of its own: a management account, a source account and a destination
account, kept apart by AssumeRole. All of them are clear but for one thing.
"""

import json
import sys
import urllib.request
from urllib.parse import quote

import boto3

ENDPOINT = sys.argv[1]
REGION = "eu-west-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "backup.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def session(account):
    """Credentials of an account: the server takes any key and tells accounts by it."""
    sts = boto3.client(
        "sts",
        endpoint_url=ENDPOINT,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    role = f"arn:aws:iam::{account}:role/SetUp"
    given = sts.assume_role(RoleArn=role, RoleSessionName="set-up")["Credentials"]
    keys = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    return keys, lambda service, region=REGION: boto3.client(
        service, endpoint_url=ENDPOINT, region_name=region, **keys
    )


def allow_account(account, more=()):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Account",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                *more,
            ],
        },
        indent=2,
    )


def share(account):
    return {
        "Sid": "Share",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def put(keys, path, body):
    """What the server takes and AWS has no API for."""
    credential = f"Credential={keys['aws_access_key_id']}/20261125/{REGION}/backup/aws4_request"
    request = urllib.request.Request(
        f"{ENDPOINT}/{path}",
        data=json.dumps(body).encode(),
        method="PUT",
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
            "Host": f"backup.{REGION}.amazonaws.com",
            "Content-Type": "application/json",
            "x-amz-security-token": keys["aws_session_token"],
        },
    )
    urllib.request.urlopen(request).read()


def put_point(keys, vault, arn, point):
    put(keys, f"backup-vaults/{vault}/recovery-points/{quote(arn, safe='')}", point)


# A failed job of each of these: what AWS said, and when it ended.
JOBS = [
    ("Access Denied trying to call AWS Backup service", 1795000000.5),
    ("Access Denied trying to call AWS Backup service", 1795000600.5),
    ("Access Denied trying to call AWS Backup service", 1794000000.5),
    ("There are too many copy jobs running for resource.", 1795000700.5),
    (
        "Both source and destination account must be a member of the same organization.",
        1795000800.5,
    ),
    ("Access Denied trying to call AWS Backup service", 1795000900.5),
]


def set_up(name, number):
    broken = lambda one: name == one
    management_keys, management = session(f"{number:012d}")
    organizations = management("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY"):
        organizations.enable_policy_type(RootId=root, PolicyType=kind)

    def member(title):
        made = organizations.create_account(AccountName=title, Email=f"{title}@example.com")
        return made["CreateAccountStatus"]["AccountId"]

    source_account = member("source")
    if broken("not-same-organization"):
        destination_account = f"{number + 1:012d}"
    else:
        destination_account = member("destination")
    unit = organizations.create_organizational_unit(ParentId=root, Name="workloads")
    unit = unit["OrganizationalUnit"]["Id"]
    organizations.move_account(
        AccountId=source_account, SourceParentId=root, DestinationParentId=unit
    )
    scp = organizations.create_policy(
        Name="guard",
        Description="what members may not do",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Guard",
                        "Effect": "Deny",
                        "Action": "backup:CopyIntoBackupVault"
                        if broken("scp-denies")
                        else "backup:DeleteBackupVault",
                        "Resource": "*",
                    }
                ],
            },
            indent=2,
        ),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=scp, TargetId=unit)
    management("backup").update_global_settings(
        GlobalSettings={
            "isCrossAccountBackupEnabled": "false"
            if broken("cross-account-backup-disabled")
            else "true"
        }
    )

    # The source: a key, a vault under it, a role, a recovery point.
    source_keys, source = session(source_account)
    role_arn = f"arn:aws:iam::{source_account}:role/Copier"
    iam = source("iam")
    trust = json.loads(json.dumps(TRUST))
    if broken("role-not-trusted"):
        trust["Statement"][0]["Principal"]["Service"] = "ec2.amazonaws.com"
    iam.create_role(RoleName="Copier", AssumeRolePolicyDocument=json.dumps(trust, indent=2))
    policy = iam.create_policy(
        PolicyName="Copy",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["backup:DescribeBackupVault", "kms:*", "tag:*"]
                        if broken("role-cannot-copy")
                        else ["backup:*", "kms:*", "tag:*", "elasticfilesystem:*"],
                        "Resource": "*",
                    }
                ],
            }
        ),
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="Copier", PolicyArn=policy)
    iam.put_role_policy(
        RoleName="Copier",
        PolicyName="Read tags",
        PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
        '"Action":"ec2:DescribeTags","Resource":"*"}}',
    )
    kms = source("kms")
    source_key = kms.create_key(KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["Arn"]
    kms.put_key_policy(
        KeyId=source_key,
        PolicyName="default",
        Policy=allow_account(source_account, [share(destination_account)]),
    )
    backup = source("backup")
    backup.create_backup_vault(BackupVaultName="prod", EncryptionKeyArn=source_key)
    if broken("source-vault-denies"):
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "backup:CopyFromBackupVault",
                    "Resource": "*",
                }
            ],
        }
        backup.put_backup_vault_access_policy(
            BackupVaultName="prod", Policy=json.dumps(policy, indent=2)
        )
    source_vault = f"arn:aws:backup:{REGION}:{source_account}:backup-vault:prod"
    point = f"arn:aws:backup:{REGION}:{source_account}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
    put_point(
        source_keys,
        "prod",
        point,
        {
            "RecoveryPointArn": point,
            "BackupVaultName": "prod",
            "BackupVaultArn": source_vault,
            "ResourceArn": f"arn:aws:elasticfilesystem:{REGION}:{source_account}:file-system/fs-0123456789abcdef0",
            "ResourceType": "EFS",
            "ResourceName": "orders",
            "IamRoleArn": role_arn,
            "Status": "COMPLETED",
            "CreationDate": 1795000000.123,
            "CompletionDate": 1795000100.5,
            "BackupSizeInBytes": 4096,
            "CalculatedLifecycle": {},
            "Lifecycle": {},
            "EncryptionKeyArn": source_key,
            "IsEncrypted": True,
            "StorageClass": "WARM",
            "IsParent": False,
            "VaultType": "BACKUP_VAULT",
            "ANewMember": {"that": "no SDK knows", "number": 1.50},
        },
    )

    # The destination: a key, a vault under it and its policy, the service-linked role.
    destination_keys, destination = session(destination_account)
    kms = destination("kms")
    destination_key = kms.create_key(KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["Arn"]
    kms.put_key_policy(
        KeyId=destination_key,
        PolicyName="default",
        Policy=allow_account(
            destination_account,
            [share(source_account)],
        ),
    )
    if broken("destination-key-disabled"):
        kms.disable_key(KeyId=destination_key.split("/")[-1])
    destination("iam").create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    backup = destination("backup")
    backup.create_backup_vault(BackupVaultName="central", EncryptionKeyArn=destination_key)
    destination_vault = f"arn:aws:backup:{REGION}:{destination_account}:backup-vault:central"
    if not broken("vault-without-policy"):
        backup.put_backup_vault_access_policy(
            BackupVaultName="central",
            Policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "CopyIn",
                            "Effect": "Allow",
                            "Principal": "*",
                            "Action": "backup:CopyIntoBackupVault",
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {
                                    "aws:PrincipalOrgID": "o-zzzz999999"
                                    if broken("foreign-organization")
                                    else organization["Id"]
                                }
                            },
                        }
                    ],
                },
                indent=2,
            ),
        )
    backup = source("backup")
    plan = backup.create_backup_plan(
        BackupPlan={
            "BackupPlanName": "nightly",
            "Rules": [
                {
                    "RuleName": "all",
                    "TargetBackupVaultName": "prod",
                    "CopyActions": [{"DestinationBackupVaultArn": destination_vault}],
                }
            ],
        }
    )["BackupPlanId"]
    backup.create_backup_selection(
        BackupPlanId=plan,
        BackupSelection={
            "SelectionName": "files",
            "IamRoleArn": role_arn,
            "Resources": ["arn:aws:elasticfilesystem:*:*:file-system/*"],
        },
    )
    job = backup.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName="prod",
        DestinationBackupVaultArn=destination_vault,
        IamRoleArn=role_arn,
    )["CopyJobId"]
    if name == "many":
        # More of each list than a page holds; what counts stands on the last one.
        for index in range(6):
            organizations.create_policy(
                Name=f"extra-{index}",
                Description="not attached",
                Type="SERVICE_CONTROL_POLICY",
                Content=json.dumps({"Version": "2012-10-17", "Statement": []}),
            )
        last = organizations.create_policy(
            Name="last",
            Description="what members may not do",
            Type="SERVICE_CONTROL_POLICY",
            Content=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Deny",
                        "Action": "backup:CopyIntoBackupVault",
                        "Resource": "*",
                    },
                }
            ),
        )["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=last, TargetId=unit)
        for index in range(10):
            destination("kms").create_grant(
                KeyId=destination_key,
                GranteePrincipal=f"arn:aws:iam::{destination_account}:role/Grantee{index}",
                Operations=["Decrypt"],
            )
        for index in range(10):
            kind, service = ("S3", "s3") if index == 9 else ("EFS", "elasticfilesystem")
            another = point.replace("1EB3B5E7", f"2EB3B5E{index}")
            resource = f"arn:aws:{service}:::x" if kind == "S3" else f"{index}"
            put_point(
                source_keys,
                "prod",
                another,
                {
                    "RecoveryPointArn": another,
                    "BackupVaultName": "prod",
                    "BackupVaultArn": source_vault,
                    "ResourceArn": resource,
                    "ResourceType": kind,
                    "Status": "COMPLETED",
                },
            )
        for index in range(5):
            backup.create_backup_plan(
                BackupPlan={
                    "BackupPlanName": f"extra-{index}",
                    "Rules": [{"RuleName": "all", "TargetBackupVaultName": "prod"}],
                }
            )
            backup.create_backup_vault(
                BackupVaultName=f"extra-{index}", EncryptionKeyArn=source_key
            )
        # A list that is paged has to hold the job of the last page too.
        for index, (message, ended) in enumerate(JOBS):
            identifier = f"0000000{index}-74D8-059D-1301-C5BE1D5C926E"
            put(
                source_keys,
                f"copy-jobs/{identifier}",
                {
                    "AccountId": source_account,
                    "CopyJobId": identifier,
                    "SourceBackupVaultArn": source_vault,
                    "SourceRecoveryPointArn": point,
                    "DestinationBackupVaultArn": destination_vault,
                    "IamRoleArn": role_arn,
                    "ResourceType": "EFS",
                    "State": "FAILED",
                    "StatusMessage": message,
                    "CreationDate": ended - 600,
                    "CompletionDate": ended,
                },
            )
    return {
        "management": {"account": f"{number:012d}", "keys": management_keys},
        "source": {"account": source_account, "keys": source_keys, "vault": source_vault},
        "destination": {
            "account": destination_account,
            "keys": destination_keys,
            "vault": destination_vault,
        },
        "point": point,
        "role": role_arn,
        "plan": plan,
        "job": job,
    }


NAMES = [
    "clear",
    "vault-without-policy",
    "foreign-organization",
    "cross-account-backup-disabled",
    "not-same-organization",
    "scp-denies",
    "role-not-trusted",
    "role-cannot-copy",
    "source-vault-denies",
    "destination-key-disabled",
    "many",
]
if __name__ == "__main__":
    print(json.dumps({name: set_up(name, 100000000000 + 10 * i) for i, name in enumerate(NAMES)}))
