using System.Security.Cryptography;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Bans;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Server.Tls;
using NetworkProtocol.Web.Admin.Access;
using NetworkProtocol.Web.Admin.Api;
using NetworkProtocol.Web.Admin.Reading;
using NetworkProtocol.Web.Upstreams;

namespace NetworkProtocol.Web.Admin;

/// <summary>
/// All that changes something: console and API come here, so nothing is done by one who may not, and nothing goes without an entry in the
/// audit log, what was refused included.
/// </summary>
internal sealed class Operations(
    ServerState state,
    ConnectionRegistry registry,
    ConnectionControl connections,
    BanList bans,
    BanFile banFile,
    Drain drain,
    BreakerBoard breakers,
    IServiceProvider services,
    ApiTokens tokens,
    AuditedActions audited,
    TimeProvider time)
{
    public const int MaxReasonLength = 200;

    private static readonly TimeSpan LongestBan = TimeSpan.FromDays(3660);

    public Task<Outcome> DisconnectAsync(Actor actor, ConnectionKey key) => ActAsync(actor, "disconnect", $"connection {key}", () =>
        key.Node == state.NodeId && connections.Disconnect(key.Id)
            ? Outcome.Done($"Connection {key} is being ended.", 1)
            : Outcome.NotFound(MissingConnection.Text(key, state.NodeId)));

    /// <summary>Ends all that match, at a rate, in the background.</summary>
    public Task<Outcome> DisconnectMatchingAsync(Actor actor, DisconnectRequest request)
    {
        var filter = request.Filter.WithoutBlanks();
        return ActAsync(actor, "disconnect-matching", filter.ToString(), () => DisconnectMatching(request, filter));
    }

    public Task<Outcome> StopDisconnectingAsync(Actor actor) => ActAsync(actor, "stop-disconnecting", "", () =>
        connections.StopDisconnecting() ? Outcome.Done("The remaining connections stay open.") : Outcome.Conflict("No connections are being ended."));

    public Task<Outcome> BanAsync(Actor actor, string target, TimeSpan? duration, string reason) => ActAsync(actor, "ban", target, () =>
    {
        if (!BanTarget.TryParse(target, out var parsed, out var problem))
        {
            return Outcome.Invalid(problem);
        }

        if (duration is { } span && (span <= TimeSpan.Zero || span > LongestBan))
        {
            return Outcome.Invalid($"duration = {span}: must be more than zero and at most {LongestBan.TotalDays:0} days, or missing for a ban without an end.");
        }

        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength)
        {
            return Outcome.Invalid($"reason: must have 1 to {MaxReasonLength} characters.");
        }

        var now = time.GetUtcNow();
        var ban = new Ban(Convert.ToHexString(RandomNumberGenerator.GetBytes(8)), parsed, reason.Trim(), actor.Name, now, now + duration);
        int ended;
        try
        {
            ended = bans.Add(ban);
        }
        catch (InvalidOperationException e)
        {
            return Outcome.Conflict(e.Message);
        }

        SaveBans();
        return Outcome.Done($"{parsed} is banned {(ban.ExpiresAt is { } end ? $"until {end:u}" : "without an end")}, {Of(ended)} ended.", ended);
    });

    public Task<Outcome> UnbanAsync(Actor actor, string id) => ActAsync(actor, "unban", id, () =>
    {
        var ban = bans.Bans.FirstOrDefault(ban => ban.Id == id);
        if (ban is null || !bans.Remove(id))
        {
            return Outcome.NotFound($"There is no ban {id}.");
        }

        SaveBans();
        return Outcome.Done($"{ban.Target} is no longer banned.");
    });

    public Task<Outcome> IsolateAsync(Actor actor, string breaker) => ActAsync(actor, "isolate", breaker, async () =>
    {
        if (breakers.Find(breaker) is not { } found)
        {
            return Outcome.NotFound($"There is no breaker '{breaker}'.");
        }

        await found.IsolateAsync();
        return Outcome.Done($"{breaker} is isolated until it is reset.");
    });

    public Task<Outcome> ResetAsync(Actor actor, string breaker) => ActAsync(actor, "reset", breaker, async () =>
    {
        if (breakers.Find(breaker) is not { } found)
        {
            return Outcome.NotFound($"There is no breaker '{breaker}'.");
        }

        await found.ResetAsync();
        return Outcome.Done($"{breaker} is closed.");
    });

    public Task<Outcome> ReloadCertificatesAsync(Actor actor) => ActAsync(actor, "reload-certificates", "all", async () =>
    {
        var stores = services.GetKeyedServices<CertificateStore>(KeyedService.AnyKey).Where(store => store.Certificate is not null).ToArray();
        foreach (var store in stores)
        {
            await store.ReloadAsync(onlyIfChanged: false, CancellationToken.None);
        }

        var problems = stores.Select(store => store.LastLoad?.Problem).OfType<string>().ToArray();
        return problems.Length > 0
            ? new Outcome(OutcomeKind.Failed, string.Join(" ", problems))
            : Outcome.Done($"Loaded: {string.Join(", ", stores.Select(store => store.Name))}.", stores.Length);
    });

    public Task<Outcome> DrainAsync(Actor actor, int perSecond, TimeSpan deadline) =>
        ActAsync(actor, "drain", $"{perSecond} a second, deadline {deadline}", () =>
        {
            if (perSecond is < 1 or > PacedDisconnect.MaxPerSecond)
            {
                return Outcome.Invalid($"perSecond = {perSecond}: must be 1 to {PacedDisconnect.MaxPerSecond}.");
            }

            if (deadline < TimeSpan.Zero || deadline > Drain.MaxDeadline)
            {
                return Outcome.Invalid($"deadline = {deadline}: must be 0 to {Drain.MaxDeadline}.");
            }

            return drain.TryStart(perSecond, deadline)
                ? Outcome.Done($"Draining {Of(registry.Count)}, {perSecond} a second.", registry.Count)
                : Outcome.Conflict("The server is draining or stopping already.");
        });

    public Task<Outcome> UndoDrainAsync(Actor actor) => ActAsync(actor, "undo-drain", "", () =>
        drain.Undo() ? Outcome.Done("The drain is undone: the server accepts connections again.") : Outcome.Conflict("There is no drain to undo."));

    public Task<Outcome> CreateTokenAsync(Actor actor, string name, Role role, TimeSpan lifetime) =>
        ActAsync(actor, "create-token", $"{name} ({role})", () =>
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > ApiTokens.MaxNameLength)
            {
                return Outcome.Invalid($"name: must have 1 to {ApiTokens.MaxNameLength} characters.");
            }

            if (lifetime <= TimeSpan.Zero || lifetime > ApiTokens.MaxLifetime)
            {
                return Outcome.Invalid($"lifetime = {lifetime}: must be more than zero and at most {ApiTokens.MaxLifetime.TotalDays:0} days.");
            }

            try
            {
                return Outcome.Done($"Token '{name}' works for {DurationText.Of(lifetime)}. It is not shown again.") with
                {
                    Secret = tokens.Create(name, role, lifetime, actor.Name),
                };
            }
            catch (InvalidOperationException e)
            {
                return Outcome.Conflict(e.Message);
            }
        });

    public Task<Outcome> RevokeTokenAsync(Actor actor, string name) => ActAsync(actor, "revoke-token", name, () =>
        tokens.IsProvisioned(name) ? Outcome.Conflict($"Token '{name}' is in the settings: remove {AdminOptions.Section}:Tokens:{name} there, and restart the server.")
        : tokens.Revoke(name) ? Outcome.Done($"Token '{name}' is revoked.") : Outcome.NotFound($"There is no token '{name}'."));

    private void SaveBans()
    {
        try
        {
            banFile.Save();
        }
        catch (IOException e)
        {
            throw new IOException($"The change is in effect, but could not be saved and will be lost at a restart: {e.Message}", e);
        }
    }

    private Outcome DisconnectMatching(DisconnectRequest request, ConnectionFilter filter)
    {
        if (filter.Check(closed: false) is { } problem)
        {
            return Outcome.Invalid(problem);
        }

        if (request.PerSecond is < 1 or > PacedDisconnect.MaxPerSecond)
        {
            return Outcome.Invalid($"perSecond = {request.PerSecond}: must be 1 to {PacedDisconnect.MaxPerSecond}.");
        }

        if (filter.IsEmpty && !request.All)
        {
            return Outcome.Invalid("The filter is empty: to end all connections, set all to true.");
        }

        var matching = registry.Open.Where(filter.Matches).ToArray();
        if (matching.Length > request.Expected + Math.Max(10L, request.Expected / 10))
        {
            return Outcome.Conflict($"{Of(matching.Length)} match now, but you confirmed {request.Expected}. Check the number and try again.");
        }

        return connections.TryDisconnect(matching, request.PerSecond, out _)
            ? Outcome.Done($"Ending {Of(matching.Length)}, {request.PerSecond} a second.", matching.Length)
            : Outcome.Conflict("Other connections are still being ended. Wait until they have ended, or stop ending them.");
    }

    private static string Of(int connections) => connections == 1 ? "1 connection" : $"{connections} connections";

    private Task<Outcome> ActAsync(Actor actor, string action, string target, Func<Outcome> act) =>
        ActAsync(actor, action, target, () => Task.FromResult(act()));

    private Task<Outcome> ActAsync(Actor actor, string action, string target, Func<Task<Outcome>> act) =>
        audited.RunAsync(actor, action, target, act);
}
