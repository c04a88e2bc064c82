using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Tls;

namespace Integration.Tests.Certificates;

/// <summary>The server checks the whole chain, and sends the chain as the file has it.</summary>
[Trait("Needs", "Program")]
public sealed class ServedChainTests : IDisposable
{
    private readonly ServerFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(-400)]
    [InlineData(10)]
    public async Task A_chain_expires_with_its_first_certificate_in_metric_health_and_list(int intermediateDaysLeft)
    {
        var intermediate = _files.Root.Intermediate(
            "early", new Wish { IsAuthority = true, DaysFrom = -800, DaysTo = intermediateDaysLeft });
        _files.Write(intermediate.Server(), intermediate, _files.Root);
        await using var operators = await Operator.StartAsync(_files.Arguments());
        var metrics = await operators.Session.Http.GetStringAsync("/metrics");
        var expires = new DateTimeOffset(intermediate.Certificate.NotAfter).ToUnixTimeSeconds();
        Assert.Contains($"certificate_expires_timestamp_seconds{{name=\"server\"}} {expires}\n", metrics, StringComparison.Ordinal);
        Assert.Contains(
            intermediateDaysLeft < 0 ? "CN=early has expired on" : "9 days left", await HealthAsync(operators), StringComparison.Ordinal);
        Assert.Contains(
            intermediateDaysLeft < 0 ? "\t-401\t" : "\t9\t", await operators.RunAsync("certificates"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_the_chain_that_is_not_valid_yet_is_refused_at_reload_until_it_is()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var tls = new TlsOptions { CertificatePath = _files.Chain, KeyPath = _files.Key };
        var store = new CertificateStore(
            "test", "Test", tls, new ServerMetrics(TestMeters.Create()), time, NullLogger<CertificateStore>.Instance);
        await store.LoadAsync(CancellationToken.None);
        var early = _files.Root.Intermediate("early", new Wish { IsAuthority = true, DaysFrom = 2 });
        foreach (var chain in new[]
        {
            [_files.Intermediate.Server(new Wish { DaysFrom = 2 }), _files.Intermediate, _files.Root],
            new[] { early.Server(), early, _files.Root },
        })
        {
            var serial = _files.Write(chain);
            Assert.False(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
            Assert.Contains("is not valid before", store.LastLoad!.Problem, StringComparison.Ordinal);
            Assert.NotEqual(serial, store.Certificate!.SerialNumber);
        }

        time.Advance(TimeSpan.FromDays(3));
        Assert.True(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None)); // although the files did not change
        Assert.Empty(store.Warnings);
    }

    [Fact]
    public async Task An_expired_certificate_does_not_replace_a_good_one_and_is_served_with_a_warning_at_the_start()
    {
        await using var server = await TestServer.StartAsync(_files.Settings());
        var store = server.Services.GetRequiredService<CertificateStore>();
        _files.Write(_files.Intermediate.Server(new Wish { DaysTo = -1 }), _files.Intermediate, _files.Root);
        Assert.False(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
        Assert.Contains("must be valid now; CN=localhost has expired on", store.LastLoad!.Problem, StringComparison.Ordinal);
        await using var another = await TestServer.StartAsync(_files.Settings());
        Assert.StartsWith(
            "CN=localhost has expired on",
            Assert.Single(another.Services.GetRequiredService<CertificateStore>().Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_is_cut_short_or_out_of_order_is_said()
    {
        var second = _files.Intermediate.Intermediate("second");
        var leaf = second.Server();
        await using var server = await TestServer.StartAsync(_files.Settings());
        var store = server.Services.GetRequiredService<CertificateStore>();
        Assert.Empty(store.Warnings);
        Assert.Equal(1, MeterReading.Of(server)["networkprotocol.server.certificate.chain_complete{server}"]);
        await Expect("The chain is incomplete: the issuer of its last certificate, CN=second,", leaf);
        Assert.Equal(0, MeterReading.Of(server)["networkprotocol.server.certificate.chain_complete{server}"]);
        await Expect("The chain is incomplete: the issuer of its last certificate, CN=root,", leaf, second, _files.Intermediate);
        await Expect(
            "certificate 2, CN=intermediate, has not issued the one before it, CN=localhost.",
            leaf, _files.Intermediate, second, _files.Root);
        await Expect(
            "certificate 2, CN=intermediate, has not issued the one before it, CN=localhost.", leaf, _files.Intermediate, _files.Root);

        async Task Expect(string warning, params Issued[] chain)
        {
            _files.Write(chain);
            Assert.True(await store.ReloadAsync(onlyIfChanged: true, CancellationToken.None));
            Assert.Contains(warning, string.Join(" ", store.Warnings), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_chain_up_to_a_root_that_the_host_knows_is_complete_without_it_and_health_says_so_if_it_is_not()
    {
        File.WriteAllText(_files.Under("root.pem"), _files.Root.Pem);
        _files.Write(_files.Good, _files.Intermediate);
        await using var knows = await Operator.StartAsync(start => Trust(start, _files.Under("root.pem")), _files.Arguments());
        Assert.DoesNotContain("incomplete", await HealthAsync(knows), StringComparison.Ordinal);
        await using var doesNot = await Operator.StartAsync(start => Trust(start, "/dev/null"), _files.Arguments());
        Assert.Contains(
            "The chain is incomplete: the issuer of its last certificate, CN=root,", await HealthAsync(doesNot), StringComparison.Ordinal);
        Assert.Contains("The chain is incomplete", await doesNot.RunAsync("certificates"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_certificates_are_sent_in_their_order_whatever_the_host_trusts()
    {
        var old = Issued.Root("old root");
        var cross = _files.Root.SignedBy(old);
        var extra = old.Intermediate("unrelated");
        File.WriteAllText(_files.Under("root.pem"), _files.Root.Pem + _files.Intermediate.Pem);
        foreach (var chain in new Issued[][]
        {
            [_files.Good, _files.Intermediate, cross],
            [_files.Good, _files.Intermediate, _files.Root],
            [_files.Good],
            [_files.Good, cross, extra, _files.Intermediate],
        })
        {
            _files.Write(chain);
            await using var server = await ServerProcess.StartAsync(start => Trust(start, _files.Under("root.pem")), _files.Arguments());
            foreach (var version in new[] { "-tls1_2", "-tls1_3" })
            {
                Assert.Equal(chain.Select(issued => issued.Pem.Trim()), await OpenSsl.ChainAsync(server.Protocol, version));
            }
        }
    }

    private static void Trust(System.Diagnostics.ProcessStartInfo start, string roots)
    {
        start.Environment["SSL_CERT_FILE"] = roots;
        start.Environment["SSL_CERT_DIR"] = "/nonexistent";
    }

    private static async Task<string> HealthAsync(Operator operators)
    {
        using var response = await operators.Session.Http.GetAsync("/health/details");
        return await response.Content.ReadAsStringAsync();
    }
}
