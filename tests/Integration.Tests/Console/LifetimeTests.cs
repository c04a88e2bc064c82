using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Admin;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Audit;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>Expiry, with a clock that the test controls, and the effects of a damaged folder.</summary>
public sealed class LifetimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly EphemeralDataProtectionProvider _protection = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_token_works_until_its_end_and_its_name_is_free_again_then()
    {
        var tokens = new ApiTokens(new TokenFile(Data()), _time);
        var secret = tokens.Create("robot", Role.Viewer, TimeSpan.FromHours(1), "tester");
        Assert.Equal(("robot", Role.Viewer), (tokens.Find(secret)!.Name, tokens.Find(secret)!.Role));
        Assert.Null(tokens.Find(secret + "x"));
        Assert.Throws<InvalidOperationException>(() => tokens.Create("robot", Role.Viewer, TimeSpan.FromHours(1), "tester"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(tokens.Find(secret));
        Assert.NotEqual(secret, tokens.Create("robot", Role.Viewer, TimeSpan.FromHours(1), "tester"));
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void The_link_works_for_an_hour(int minutes, bool works)
    {
        var options = Options.Create(new AdminOptions());
        var passwords = new Passwords(options);
        var link = new SignInLink(options, passwords, _time);
        _time.Advance(TimeSpan.FromMinutes(minutes));
        Assert.False(link.TryUse(null));
        Assert.False(link.TryUse("%%%"));
        Assert.Equal(works, link.TryUse(link.Path.Split('=')[1]));
        Assert.False(link.TryUse(link.Path.Split('=')[1]));
    }

    [Fact]
    public async Task A_session_ends_with_its_time_and_the_oldest_when_there_are_too_many()
    {
        var sessions = Sessions(new AdminOptions());
        var first = Ticket(sessions);
        var key = await sessions.StoreAsync(first);
        Assert.True(sessions.IsAlive(first.Principal));
        for (var i = 0; i < SignInStore.Capacity - 1; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // tickets store whole seconds
            await sessions.StoreAsync(Ticket(sessions));
        }

        Assert.NotNull(await sessions.RetrieveAsync(key));
        var last = Ticket(sessions);
        await sessions.StoreAsync(last);
        Assert.Null(await sessions.RetrieveAsync(key));
        Assert.True(sessions.IsAlive(last.Principal));
        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.False(sessions.IsAlive(last.Principal));
    }

    [Fact]
    public async Task A_session_that_has_ended_is_not_renewed_back_to_life()
    {
        var sessions = Sessions(new AdminOptions());
        var ticket = Ticket(sessions);
        var key = await sessions.StoreAsync(ticket);
        await sessions.RemoveAsync(key);
        await sessions.RenewAsync(key, ticket);
        Assert.Null(await sessions.RetrieveAsync(key));
    }

    [Fact]
    public async Task A_session_does_not_outlive_what_let_its_user_in()
    {
        var hash = new PasswordHasher<string>().HashPassword("", "one");
        var sessions = Sessions(new AdminOptions { Password = hash });
        var key = await sessions.StoreAsync(Ticket(sessions, Grant.Password));
        Assert.NotNull(await Sessions(new AdminOptions { Password = hash }).RetrieveAsync(key));
        Assert.Null(await Sessions(new AdminOptions { Password = new PasswordHasher<string>().HashPassword("", "two") })
            .RetrieveAsync(key));
        Assert.Null(await Sessions(new AdminOptions()).RetrieveAsync(key));

        var byLink = Sessions(new AdminOptions());
        key = await byLink.StoreAsync(Ticket(byLink));
        Assert.NotNull(await Sessions(new AdminOptions()).RetrieveAsync(key));
        Assert.Null(await Sessions(new AdminOptions { Password = hash }).RetrieveAsync(key)); // the link no longer works
    }

    [Fact]
    public async Task A_session_that_is_always_renewed_ends_after_thirty_days()
    {
        var sessions = Sessions(new AdminOptions());
        var ticket = Ticket(sessions);
        var key = await sessions.StoreAsync(ticket);
        ticket.Properties.ExpiresUtc = _time.GetUtcNow() + TimeSpan.FromDays(100);
        await sessions.RenewAsync(key, ticket);
        _time.Advance(TimeSpan.FromDays(30));
        Assert.NotNull(await sessions.RetrieveAsync(key));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await sessions.RetrieveAsync(key));
    }

    [Fact]
    public async Task Another_users_ticket_is_no_renewal()
    {
        var sessions = Sessions(new AdminOptions());
        var ticket = Ticket(sessions);
        var key = await sessions.StoreAsync(ticket);
        await sessions.RenewAsync(key, Ticket(sessions));
        Assert.Same(ticket, await sessions.RetrieveAsync(key));
    }

    [Fact]
    public async Task The_audit_log_is_read_again_without_the_line_that_was_cut()
    {
        await using (var audit = new AuditLog(Data(), _time))
        {
            await audit.WriteAsync("olga", "192.0.2.1", "api", "ban", "192.0.2.7", "done", "x");
            await audit.WriteAsync("olga", "192.0.2.1", "api", "unban", "1\n2", "done", "x");
        }

        var path = Path.Combine(_folder.Path, "audit.jsonl");
        Assert.Equal(2, (await File.ReadAllLinesAsync(path)).Length);
        await File.AppendAllTextAsync(path, "{\"At\":\"2026");
        await using var again = new AuditLog(Data(), _time);
        Assert.Equal(["unban", "ban"], again.Recent.Select(entry => entry.Action));
        await again.WriteAsync("olga", "192.0.2.1", "api", "drain", "", "done", "");
        await using var later = new AuditLog(Data(), _time);
        Assert.Equal(["drain", "unban", "ban"], later.Recent.Select(entry => entry.Action));
    }

    [Fact]
    public void A_damaged_file_is_named()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "tokens.json"), "[{");
        var error = Assert.Throws<InvalidOperationException>(() => new ApiTokens(new TokenFile(Data()), _time));
        Assert.Contains("tokens.json is damaged, repair or remove it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_of_samples_keeps_the_last()
    {
        var ring = new SampleRing(3, TimeSpan.FromSeconds(1));
        Assert.Null(ring.Last);
        for (var i = 1; i <= 5; i++)
        {
            ring.Add(default(Sample) with { Connections = i });
        }

        Assert.Equal([3f, 4f, 5f], ring.ToArray().Select(sample => sample.Connections));
        Assert.Equal(5, ring.Last!.Value.Connections);
    }

    [Fact]
    public void A_password_in_the_clear_is_refused_and_not_shown()
    {
        var options = new AdminOptions { Password = "hunter2", DataPath = _folder.Path };
        options.Users["vera"] = new AdminUser();
        var failures = new AdminOptionsValidator().Validate(null, options).Failures!.ToArray();
        Assert.Contains("NetworkProtocol:Admin:Password = (hidden): must be a hash that netproto hash-password has printed", failures);
        Assert.Contains("NetworkProtocol:Admin:Users:vera:Password = : Password or PasswordFile must be set", failures);
        Assert.DoesNotContain(failures, failure => failure.Contains("hunter2", StringComparison.Ordinal));
    }

    private DataFolder Data() => new(Options.Create(new AdminOptions { DataPath = _folder.Path }));

    private SignInStore Sessions(AdminOptions admin)
    {
        var options = Options.Create(admin);
        var passwords = new Passwords(options);
        return new SignInStore(
            Data(), _protection, new GrantStamps(options, passwords, new SignInLink(options, passwords, _time)),
            _time, NullLogger<SignInStore>.Instance);
    }

    private AuthenticationTicket Ticket(SignInStore sessions, Grant grant = Grant.Link) => new(
        sessions.CreatePrincipal("admin", Role.Operator, grant),
        new AuthenticationProperties { IssuedUtc = _time.GetUtcNow(), ExpiresUtc = _time.GetUtcNow() + TimeSpan.FromHours(1) },
        CookieAuthenticationDefaults.AuthenticationScheme);
}
