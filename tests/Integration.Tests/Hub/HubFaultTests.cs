using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Admin;
using NetworkProtocol.Hub;
using NetworkProtocol.Web.Api;
using NetworkProtocol.Web.Components.Parts;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Hub;

/// <summary>What a bug in one part does to the others, and what a wrong address shows.</summary>
public sealed class HubFaultTests
{
    private static readonly IOptions<HubOptions> Options =
        Microsoft.Extensions.Options.Options.Create(new HubOptions { Store = HubStoreKind.Sqlite });

    [Fact]
    public Task Retention_goes_on_after_any_error() => GoesOnAsync((store, time) =>
        new HubRetention(Options, store, time, NullLogger<HubRetention>.Instance));

    [Fact]
    public Task The_growth_is_measured_after_any_error() => GoesOnAsync((store, time) =>
        new HubGrowth(Options, store, time, NullLogger<HubGrowth>.Instance));

    [Fact]
    public async Task A_store_that_does_not_answer_delays_no_answer_of_the_node()
    {
        var (answer, slow, begun) = (Task.CompletedTask, new TaskCompletionSource(), new TaskCompletionSource());
        var probes = 0;
        var store = Stub.Of<IHubStore>(_ =>
        {
            if (Interlocked.Increment(ref probes) == 2)
            {
                begun.SetResult();
            }

            return answer;
        });
        var time = new FakeTimeProvider();
        var check = new HubCheck(store, new HubMetrics(TestMeters.Create(), time), time);
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext())).Status);
        answer = slow.Task;
        Assert.Equal(HealthStatus.Healthy, await AskAsync());
        await begun.Task;
        time.Advance(HubCheck.Limit - HubCheck.Wait);
        Assert.Equal([HealthStatus.Unhealthy, HealthStatus.Unhealthy], await Task.WhenAll(AskAsync(), AskAsync()));
        Assert.Equal(2, probes);
        slow.SetResult();
        Assert.Equal(HealthStatus.Healthy, (await check.CheckHealthAsync(new HealthCheckContext())).Status);

        async Task<HealthStatus> AskAsync()
        {
            var asked = check.CheckHealthAsync(new HealthCheckContext());
            time.Advance(HubCheck.Wait);
            return (await asked).Status;
        }
    }

    [Fact]
    public async Task Only_a_wrong_place_is_told_as_a_wrong_place()
    {
        Exception error = new ArgumentException("a bug");
        var reader = Stub.Of<IHubReader>(_ => throw error);
        using var growth = new HubGrowth(Options, reader, TimeProvider.System, NullLogger<HubGrowth>.Instance);
        var node = new NodeHub(Options, reader, growth);
        Assert.Same(error, await Assert.ThrowsAsync<ArgumentException>(() => node.SourcesAsync(new HubPaging(), default)));
        error = new HubPlaceException("wrong");
        var told = await Assert.ThrowsAsync<NodeException>(() => node.SourcesAsync(new HubPaging(), default));
        Assert.StartsWith("after: must be", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_format_is_shown_as_plain_text_and_a_line_break_begins_no_formula()
    {
        var problem = Assert.IsType<ProblemHttpResult>(ListResults.ProblemOf("x\u0007y"));
        Assert.StartsWith("format = x\uFFFDy: must be", problem.ProblemDetails.Detail, StringComparison.Ordinal);
        Assert.Contains("'\n=1", Encoding.UTF8.GetString(ListResults.ToCsv([new { Text = "\n=1" }])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_does_not_exist_adds_no_branch()
    {
        var view = Stub.Of<INodeView>(method => method.ReturnType == typeof(Task<HubSlice<HubSourceRow>>)
            ? Task.FromResult(new HubSlice<HubSourceRow>([], null))
            : Task.FromResult(new HubSlice<HubSeriesRow>([], null)));
        var root = TopicBranch.Root();
        await root.OpenAsync(view, "anything", "a/b/c");
        Assert.Empty(root.Branches);
    }

    private static async Task GoesOnAsync(Func<IHubStore, TimeProvider, BackgroundService> create)
    {
        var time = new FakeTimeProvider();
        var calls = 0;
        var twice = new TaskCompletionSource();
        var store = Stub.Of<IHubStore>(_ =>
        {
            if (Interlocked.Increment(ref calls) == 2)
            {
                twice.SetResult();
            }

            throw new InvalidOperationException("a bug");
        });
        using var service = create(store, time);
        await service.StartAsync(default);
        while (!twice.Task.IsCompleted && service.ExecuteTask is not { IsCompleted: true })
        {
            time.Advance(HubRetention.Interval);
            await Task.Yield();
        }

        Assert.True(twice.Task.IsCompleted, $"The service ended: {service.ExecuteTask?.Exception}");
        await service.StopAsync(default);
    }
}
