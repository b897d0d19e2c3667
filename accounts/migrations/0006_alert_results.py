from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_searches")]

    operations = [
        migrations.RemoveField(model_name="savedsearch", name="feed_token"),
        migrations.RenameField(model_name="savedsearch", old_name="looked_until", new_name="searched_until"),
        migrations.RemoveConstraint(model_name="toldresult", name="told_once_per_search"),
        migrations.RenameModel(old_name="ToldResult", new_name="AlertResult"),
        migrations.AlterField(
            model_name="alertresult",
            name="search",
            field=models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="+",
                related_query_name="result",
                to="accounts.savedsearch",
            ),
        ),
        migrations.AddConstraint(
            model_name="alertresult",
            constraint=models.UniqueConstraint(fields=("search", "abstract"), name="alert_result_once_per_search"),
        ),
    ]
