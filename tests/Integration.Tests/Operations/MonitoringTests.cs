using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>Prometheus monitors the real program with the files that operators get, and can answer all queries in these files.</summary>
public sealed class MonitoringTests(MonitoredServer monitored) : IClassFixture<MonitoredServer>
{
    [Fact]
    public async Task Every_metric_that_is_asked_for_is_exported()
    {
        var asked = AlertRules.Expressions.Concat(Dashboard.Queries.Select(curve => curve.Query))
            .SelectMany(PromQl.MetricsIn).Distinct().ToArray();
        Assert.Contains("request_duration_seconds_bucket", asked);
        string[] missing = [];
        await Eventually.Async(
            async () =>
            {
                var known = (await monitored.AskAsync("api/v1/label/__name__/values")).EnumerateArray()
                    .Select(name => name.GetString()!).ToHashSet();
                missing = [.. asked.Where(name => !known.Contains(name))];
                return missing.Length == 0;
            },
            () => string.Join(", ", missing));
    }

    [Fact]
    public async Task Every_curve_of_the_dashboard_has_data()
    {
        string[] empty = [];
        await Eventually.Async(
            async () =>
            {
                var answers = await Task.WhenAll(
                    Dashboard.Queries.Select(async curve => (curve.Title, Any: (await monitored.QueryAsync(curve.Query)).Any())));
                empty = [.. answers.Where(answer => !answer.Any).Select(answer => answer.Title)];
                return empty.Length == 0;
            },
            () => string.Join(", ", empty));
    }

    [Fact]
    public async Task Every_rule_is_evaluated_without_an_error()
    {
        var problems = "";
        await Eventually.Async(
            async () =>
            {
                var rules = (await monitored.AskAsync("api/v1/rules")).GetProperty("groups").EnumerateArray()
                    .SelectMany(group => group.GetProperty("rules").EnumerateArray()).ToArray();
                Assert.Equal(AlertRules.All.Count, rules.Length);
                problems = string.Join('\n', rules.Where(rule => rule.GetProperty("health").GetString() != "ok"));
                return problems.Length == 0;
            },
            () => problems);
    }

    [Fact]
    public Task The_first_error_of_its_kind_is_seen() =>
        monitored.ValueAsync("sum(instance_kind:errors:rate5m{kind=\"unknown_command\"})", rate => rate > 0);

    [Theory]
    [InlineData("NetworkProtocolCertificateExpiresIn14Days")] // the test's certificate is valid for 10 days
    [InlineData("NetworkProtocolCertificateReloadFailed")]
    public async Task Real_trouble_becomes_an_alert(string name)
    {
        await monitored.BreakCertificateAsync();
        JsonElement alerts = default;
        await Eventually.Async(
            async () => (alerts = await monitored.AskAsync("api/v1/alerts")).GetProperty("alerts").EnumerateArray()
                .Any(alert => alert.GetProperty("labels").GetProperty("alertname").GetString() == name),
            () => $"{alerts}");
    }
}
