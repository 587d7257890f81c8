"""Makes a whole organization through the server's own API, and prints what it is called.

usage: python organization.py ENDPOINT NUMBER [paths]

NUMBER is the id of the management account. With `paths`, AWS shows where accounts stand.

    root             tag policy
      workloads      backup policy: a nightly plan
        prod         backup policy: its copies
          payments   backup policy: a second Region
        dev
      recovery
      sandbox
"""

import json
import sys

from set_ups import REGION, TRUST, allow_account, session

SECOND = "eu-central-1"


def assign(value):
    return {"@@assign": value}


def organization(number, paths):
    keys, management = session(number)
    organizations = management("organizations")
    made = organizations.create_organization(FeatureSet="ALL")["Organization"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    types = ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY"]
    for kind in types:
        organizations.enable_policy_type(RootId=root, PolicyType=kind)
    organizations.enable_aws_service_access(ServicePrincipal="backup.amazonaws.com")

    def unit(name, parent):
        unit = organizations.create_organizational_unit(ParentId=parent, Name=name)
        return unit["OrganizationalUnit"]["Id"]

    workloads = unit("workloads", root)
    prod = unit("prod", workloads)
    payments = unit("payments", prod)
    dev = unit("dev", workloads)
    recovery = unit("recovery", root)
    sandbox = unit("sandbox", root)
    if paths:
        unit("paths", root)
    accounts = {}

    def member(name, parent):
        made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        identifier = made["CreateAccountStatus"]["AccountId"]
        organizations.move_account(
            AccountId=identifier, SourceParentId=root, DestinationParentId=parent
        )
        accounts[name] = identifier

    for name, parent in [
        *[(f"payments-{i}", payments) for i in range(1, 5)],
        *[(f"prod-{i}", prod) for i in range(1, 3)],
        ("shut", prod),
        *[(f"dev-{i}", dev) for i in range(1, 4)],
        ("central", recovery),
        *[(f"sandbox-{i}", sandbox) for i in range(1, 3)],
        ("gone", sandbox),
    ]:
        member(name, parent)
    organizations.close_account(AccountId=accounts["gone"])
    organizations.register_delegated_administrator(
        AccountId=accounts["central"], ServicePrincipal="backup.amazonaws.com"
    )

    def policy(name, kind, content, target):
        made = organizations.create_policy(
            Name=name, Description=name, Type=kind, Content=json.dumps(content, indent=2)
        )
        identifier = made["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=identifier, TargetId=target)

    nightly = {
        "regions": assign([REGION]),
        "rules": {
            "Nightly": {
                "schedule_expression": assign("cron(0 3 ? * * *)"),
                "target_backup_vault_name": assign("prod"),
                "lifecycle": {"delete_after_days": assign("35")},
            }
        },
        "selections": {
            "resources": {
                "files": {
                    "iam_role_arn": assign("arn:aws:iam::$account:role/Copier"),
                    "resource_types": assign(["arn:aws:elasticfilesystem:*:*:file-system/*"]),
                    "conditions": {
                        "string_equals": {
                            "daily": {
                                "condition_key": assign("aws:ResourceTag/backup"),
                                "condition_value": assign("daily"),
                            }
                        }
                    },
                }
            }
        },
    }
    policy("nightly", "BACKUP_POLICY", {"plans": {"Nightly": nightly}}, workloads)
    central = f"arn:aws:backup:{REGION}:{accounts['central']}:backup-vault:central"
    copies = {"copy_actions": {central: {"target_backup_vault_arn": assign(central)}}}
    copies = {"plans": {"Nightly": {"rules": {"Nightly": copies}}}}
    policy("copies", "BACKUP_POLICY", copies, prod)
    more = {"plans": {"Nightly": {"regions": {"@@append": [SECOND]}}}}
    policy("second-region", "BACKUP_POLICY", more, payments)
    short = {"lifecycle": {"delete_after_days": assign("7")}}
    short = {"plans": {"Nightly": {"rules": {"Nightly": short}}}}
    policy("short", "BACKUP_POLICY", short, accounts["dev-1"])
    policy("tags", "TAG_POLICY", {"tags": {"team": {"tag_key": assign("team")}}}, root)
    guard = {"Effect": "Deny", "Action": "backup:DeleteBackupVault", "Resource": "*"}
    guard = {"Version": "2012-10-17", "Statement": [guard]}
    policy("guard", "SERVICE_CONTROL_POLICY", guard, workloads)
    management("backup").update_global_settings(
        GlobalSettings={"isCrossAccountBackupEnabled": "true"}
    )

    def vault(enter, account, region, name):
        key = enter("kms", region).create_key()["KeyMetadata"]["Arn"]
        enter("kms", region).put_key_policy(
            KeyId=key, PolicyName="default", Policy=allow_account(account)
        )
        enter("backup", region).create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key)

    for name, account in accounts.items():
        # One account has neither vault nor role; some have no plan.
        if not name.startswith(("payments", "prod", "shut", "dev")) or name == "dev-3":
            continue
        _, enter = session(account)
        iam = enter("iam")
        iam.create_role(RoleName="Copier", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.put_role_policy(
            RoleName="Copier",
            PolicyName="Copy",
            PolicyDocument='{"Version":"2012-10-17","Statement":{"Effect":"Allow",'
            '"Action":["backup:*","kms:*"],"Resource":"*"}}',
        )
        vault(enter, account, REGION, "prod")
        if name.startswith("payments"):
            vault(enter, account, SECOND, "prod")
    _, enter = session(accounts["central"])
    enter("iam").create_service_linked_role(AWSServiceName="backup.amazonaws.com")
    vault(enter, accounts["central"], REGION, "central")
    allow = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": made["Id"]}},
    }
    enter("backup").put_backup_vault_access_policy(
        BackupVaultName="central",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}, indent=2),
    )
    return {
        "management": {"account": number, "keys": keys},
        "organization": made["Id"],
        "accounts": accounts,
    }


if __name__ == "__main__":
    print(json.dumps(organization(sys.argv[2], "paths" in sys.argv)))
