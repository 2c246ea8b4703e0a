import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_public_tries")]

    operations = [
        migrations.AlterField(
            model_name="mandatoryreport",
            name="situations",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("MR1_GENITAL", "生殖器官或隐私部位遭受或疑似遭受非正常损伤"),
                        ("MR2_GIRL_U14", "不满14周岁女性遭受或疑似遭受性侵害、怀孕、流产"),
                        ("MR3_GIRL_14UP", "14周岁以上女性疑似遭受性侵害所致怀孕、流产"),
                        ("MR4_BODY", "身体多处损伤、严重营养不良、意识不清，疑似受家暴、欺凌、虐待、殴打或被麻醉"),
                        ("MR5_DEATH_DISABLE", "因自杀、自残、工伤、中毒、被人麻醉、殴打等非正常伤残、死亡"),
                        ("MR6_ABANDON", "被遗弃或长期处于无人照料状态"),
                        ("MR7_MISSING", "来源不明、失踪或者被拐卖、收买"),
                        ("MR8_BEGGING", "被组织乞讨"),
                        ("MR9_OTHER", "其他严重侵害身心健康或正在面临危险"),
                        ("DV_NO_CAPACITY", "无民事行为能力人、限制民事行为能力人遭受或疑似遭受家庭暴力"),
                    ],
                    max_length=20,
                ),
                size=None,
                verbose_name="报告情形",
            ),
        ),
    ]
