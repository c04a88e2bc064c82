using Integration.Tests.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Server.Tls;

namespace Integration.Tests.Certificates;

/// <summary>Reloads of certificates that overlap take turns, whether an operator, a signal or the timer began them.</summary>
public sealed class ReloadTurnTests : IDisposable
{
    private readonly ServerFiles _files = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Reloads_that_overlap_take_turns_and_each_returns_what_it_found()
    {
        await using var server = await TestServer.StartAsync(_files.Settings(), time: _time);
        var stores = server.Services.GetRequiredService<CertificateStores>();
        var store = Assert.Single(stores.InUse);
        var newSerial = "";
        List<string> events = [];
        List<CertificateLoad?> loads = [];
        List<Task> overlapping = [];
        stores.Reloading += () =>
        {
            events.Add("reloading");
            if (events.Count == 1)
            {
                // A reload reads the files before it waits for anything, so one that does not wait for its turn finds this file.
                File.WriteAllText(_files.Key, "no key");
                overlapping.Add(LoadAsync());
                overlapping.Add(stores.ReloadChangedAsync(CancellationToken.None));
                loads.Add(store.LastLoad);
                _files.WriteGood();
            }
        };
        stores.Reloaded += () =>
        {
            events.Add("reloaded");
            if (events.Count == 2)
            {
                File.WriteAllText(_files.Key, "no key"); // for the second reload
            }
            else
            {
                newSerial = _files.Write(_files.Intermediate.Server(), _files.Intermediate, _files.Root); // for the timer's
            }
        };
        await LoadAsync();
        await Task.WhenAll(overlapping);
        Assert.Equal(["reloading", "reloaded", "reloading", "reloaded"], events);
        Assert.Collection(
            loads,
            load => Assert.Null(load!.Problem),
            load => Assert.Null(load!.Problem),
            load => Assert.Contains("must hold a private key", load!.Problem, StringComparison.Ordinal));
        Assert.Equal(newSerial, store.Certificate!.SerialNumber);

        async Task LoadAsync() => loads.Add(Assert.Single(await stores.ReloadAsync(CancellationToken.None)).Load);
    }

    [Fact]
    public async Task A_reload_by_the_timer_raises_no_event()
    {
        await using var server = await TestServer.StartAsync(_files.Settings(), time: _time);
        var stores = server.Services.GetRequiredService<CertificateStores>();
        var store = Assert.Single(stores.InUse);
        var events = 0;
        stores.Reloading += () => events++;
        stores.Reloaded += () => events++;
        File.WriteAllText(_files.Key, "no key");
        await UntilAsync(() => store.LastLoad!.Problem is not null);
        var serial = _files.Write(_files.Intermediate.Server(), _files.Intermediate, _files.Root);
        await UntilAsync(() => store.Certificate!.SerialNumber == serial);
        Assert.Equal(0, events);

        Task UntilAsync(Func<bool> isSo) => Eventually.Async(() =>
        {
            _time.Advance(CertificateReloader.Interval);
            return Task.FromResult(isSo());
        });
    }
}
