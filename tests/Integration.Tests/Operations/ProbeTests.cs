using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Web.Health;

namespace Integration.Tests.Operations;

/// <summary>What the probes answer.</summary>
public sealed class ProbeTests
{
    [Theory]
    [InlineData(HealthStatus.Healthy, 200, "READY")]
    [InlineData(HealthStatus.Degraded, 200, "READY")] // it still serves
    [InlineData(HealthStatus.Unhealthy, 503, "NOT_READY")]
    public async Task The_text_of_the_answer_agrees_with_its_status(HealthStatus health, int status, string text)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddHealthChecks().AddCheck("buffer", () => new HealthCheckResult(health), ["ready"]);
        await using var app = builder.Build();
        app.MapProbes();
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var answer = await http.GetAsync("/ready");
        Assert.Equal((status, text), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }
}
