"""Petition agency: its own columns, the stages and steps it adds to a monitor, its clocks and their plan."""

import django.db.models.deletion
import weiquan.sealing
from django.db import migrations, models

from cases.seeds import fill_rules


def fill(apps, schema_editor):
    fill_rules(lambda name: apps.get_model("cases", name))


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0033_ledger_import_statuses"),
        ("stations", "0008_seed_checklist"),
    ]

    operations = [
        migrations.AlterField(
            model_name="monitor",
            name="kind",
            field=models.CharField(
                choices=[
                    ("EMERGENCY", "高危紧急处置"),
                    ("REPORT", "强制报告"),
                    ("ORDER_APPLICATION", "代为申请保护令"),
                    ("PROTECTION_ORDER", "保护令回访"),
                    ("WARNING_LETTER", "告诫书查访"),
                    ("SHELTER", "庇护"),
                    ("AGREEMENT", "调解协议履行"),
                    ("AGENCY", "信访代理"),
                ],
                max_length=20,
                verbose_name="种类",
            ),
        ),
        migrations.AlterField(
            model_name="monitor",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("DONE", "处置完成"),
                    ("ANSWERED", "已得到处理结果"),
                    ("NOT_OWED", "经核实不属于强制报告情形"),
                    ("CLEAN", "连续查访无再犯"),
                    ("RELAPSED", "再次施暴，已转报警处理"),
                    ("ISSUED", "法院作出保护令"),
                    ("DENIED", "法院驳回申请"),
                    ("EXPIRED", "保护令期满"),
                    ("REVOKED", "已撤销"),
                    ("REPLACED", "由新的保护令接续"),
                    ("LEFT", "离开庇护"),
                    ("PERFORMED", "协议已履行"),
                    ("FAILED", "协议未履行"),
                    ("SUPPORTED", "诉求得到支持"),
                    ("PARTLY", "诉求得到部分支持"),
                    ("UNSUPPORTED", "诉求没有得到支持"),
                    ("REFUSED", "不予代理"),
                    ("CALLED_OFF", "解除代理"),
                    ("WITHDRAWN", "不再申请、不再需要"),
                    ("MISTAKE", "误建"),
                ],
                max_length=12,
                verbose_name="结果",
            ),
        ),
        migrations.AlterField(
            model_name="monitor",
            name="stage",
            field=models.CharField(
                choices=[
                    ("ACTING", "处置中"),
                    ("TO_REPORT", "待报告"),
                    ("REPORTED", "已报告"),
                    ("TAKEN_UP", "公安已受理"),
                    ("PREPARING", "准备申请材料"),
                    ("FILED", "已递交法院"),
                    ("COURT_ACCEPTED", "法院已受理"),
                    ("WATCHING", "监测中"),
                    ("CONFIRMING", "已申请司法确认"),
                    ("INSIDE", "庇护中"),
                    ("APPLIED", "待审核委托"),
                    ("SIGNED", "已签委托书"),
                    ("SUBMITTED", "已提交责任单位"),
                    ("RECEIVED", "已收到答复，待反馈"),
                    ("TOLD", "已反馈委托人"),
                    ("REVIEWING", "代理复查、复核"),
                    ("ENDED", "已结束"),
                ],
                max_length=16,
                verbose_name="进展",
            ),
        ),
        migrations.AlterField(
            model_name="monitorentry",
            name="step",
            field=models.CharField(
                choices=[
                    ("MO_OPEN", "建立监测"),
                    ("MO_POLICE", "登记报警"),
                    ("MO_UPPER", "报告上级妇联"),
                    ("MO_REPORT", "登记强制报告"),
                    ("MO_TAKEN_UP", "登记公安受理"),
                    ("MO_ANSWER", "登记处理结果反馈"),
                    ("MO_EVIDENCE", "登记证据"),
                    ("MO_FILE", "递交申请"),
                    ("MO_ACCEPT", "登记法院受理"),
                    ("MO_DECIDE", "登记法院裁定"),
                    ("MO_SERVE", "登记送达"),
                    ("MO_EXTEND", "登记延长"),
                    ("MO_VISIT", "记录查访、回访"),
                    ("MO_BREACH", "登记再次施暴、违反"),
                    ("MO_CONFIRM", "申请司法确认"),
                    ("MO_PERFORM", "登记履行"),
                    ("MO_SIGN", "签订代理委托书"),
                    ("MO_REFUSE", "不予代理"),
                    ("MO_SUBMIT", "提交责任单位"),
                    ("MO_NOTICE", "收到受理告知"),
                    ("MO_OPINION", "收到处理意见"),
                    ("MO_TELL", "反馈委托人"),
                    ("MO_REVIEW", "代理复查、复核"),
                    ("MO_FINISH", "代理终结"),
                    ("MO_REVOKE", "解除代理"),
                    ("MO_KEEPER", "更换负责人"),
                    ("MO_NOTE", "补充情况"),
                    ("MO_END", "结束"),
                ],
                max_length=16,
                verbose_name="事项",
            ),
        ),
        migrations.CreateModel(
            name="PetitionAgency",
            fields=[
                (
                    "monitor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="agency",
                        serialize=False,
                        to="cases.monitor",
                    ),
                ),
                ("matter", weiquan.sealing.SealedTextField(verbose_name="委托事项")),
                (
                    "wish",
                    weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="委托人的要求"),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("FULL", "全权代办"),
                            ("ACCOMPANY", "陪访"),
                            ("SUBMIT", "代递代转"),
                            ("WRITE", "代书"),
                            ("NEGOTIATE", "代为协商"),
                        ],
                        max_length=12,
                        verbose_name="代理方式",
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("LITIGATION_ENDED", "涉法涉诉，已依法终结"),
                            ("UNLAWFUL", "目的或要求不合法"),
                            ("CONFLICT", "本站与事项有利害关系"),
                            ("TERMINATED", "信访事项已复核终结"),
                            ("OTHER", "其他"),
                        ],
                        max_length=16,
                        verbose_name="不予代理的原因",
                    ),
                ),
                (
                    "other_agent",
                    weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="另一代理人"),
                ),
                ("scope", weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="代理范围")),
                (
                    "papers",
                    weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="委托人交来的材料"),
                ),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="委托日期")),
                (
                    "body_name",
                    weiquan.sealing.SealedTextField(
                        blank=True, default="", verbose_name="清单以外的责任单位"
                    ),
                ),
                ("submitted_on", models.DateField(blank=True, null=True, verbose_name="提交日期")),
                (
                    "submit_way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("IN_PERSON", "当面递交"),
                            ("TOGETHER", "陪同本人递交"),
                            ("POST", "邮寄"),
                            ("ONLINE", "网上提交"),
                            ("OTHER", "其他"),
                        ],
                        max_length=12,
                        verbose_name="提交方式",
                    ),
                ),
                (
                    "handed_in",
                    weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="提交的材料"),
                ),
                ("letter_number", models.CharField(blank=True, max_length=60, verbose_name="介绍信编号")),
                ("notice_number", models.CharField(blank=True, max_length=60, verbose_name="受理告知书号")),
                ("noticed_on", models.DateField(blank=True, null=True, verbose_name="收到告知日期")),
                ("taken_up", models.BooleanField(blank=True, null=True, verbose_name="责任单位已受理")),
                ("opinion_number", models.CharField(blank=True, max_length=60, verbose_name="处理意见书号")),
                ("opinion_on", models.DateField(blank=True, null=True, verbose_name="收到处理意见日期")),
                ("answer", weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="答复要点")),
                ("told_on", models.DateField(blank=True, null=True, verbose_name="反馈日期")),
                (
                    "review_asked_on",
                    models.DateField(blank=True, null=True, verbose_name="申请复查、复核日期"),
                ),
                (
                    "satisfaction",
                    models.CharField(
                        choices=[
                            ("SATISFIED", "满意"),
                            ("BASICALLY", "基本满意"),
                            ("DISSATISFIED", "不满意"),
                            ("NOT_RATED", "未评价"),
                        ],
                        default="NOT_RATED",
                        max_length=12,
                        verbose_name="委托人满意度",
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=2, default=0, max_digits=8, verbose_name="站里支出（元）"
                    ),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终结日期")),
                (
                    "revoked_by",
                    models.CharField(
                        blank=True,
                        choices=[("PRINCIPAL", "委托人"), ("AGENT", "代理人、维权站")],
                        max_length=12,
                        verbose_name="由谁解除",
                    ),
                ),
                (
                    "returned",
                    weiquan.sealing.SealedTextField(blank=True, default="", verbose_name="退回的材料"),
                ),
                (
                    "body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.organisation",
                        verbose_name="责任单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "信访代理",
                "verbose_name_plural": "信访代理",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("submitted_on", None),
                            ("submitted_on__gte", models.F("signed_on")),
                            _connector="OR",
                        ),
                        name="agency_signed_before_submitting",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cost__gte", 0)), name="agency_cost_not_negative"
                    ),
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
