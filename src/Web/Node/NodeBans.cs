using System.Security.Cryptography;
using NetworkProtocol.Admin;
using NetworkProtocol.Server.Bans;

namespace NetworkProtocol.Web.Node;

/// <summary>Lists, adds and lifts the bans of this node, and saves them.</summary>
internal sealed class NodeBans(BanList bans, IBanStore store, TimeProvider time)
{
    private const int IdBytes = 8;

    private static readonly TimeSpan LongestBan = TimeSpan.FromDays(3660);

    private readonly Lock _saving = new();

    /// <summary>Applies the saved bans.</summary>
    /// <exception cref="InvalidOperationException">
    /// The saved bans are damaged. The server must not start without them, because it would accept banned clients.
    /// </exception>
    public void Load() => bans.Load(store.Read());

    public IReadOnlyList<BanRow> List() => [.. bans.Bans.Reverse().Select(RowFactory.Of)];

    /// <exception cref="IOException">The ban is in effect, but could not be saved.</exception>
    public Outcome Ban(BanRequest request, string by)
    {
        if (!BanTarget.TryParse(request.Target, out var target, out var problem))
        {
            return Outcome.Invalid(problem);
        }

        if (request.Duration is { } span && (span <= TimeSpan.Zero || span > LongestBan))
        {
            return Outcome.Invalid(
                $"duration = {span}: must be more than zero and at most {LongestBan.TotalDays:0} days, "
                    + "or missing for a ban without an end.");
        }

        if (string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > BanRequest.MaxReasonLength)
        {
            return Outcome.Invalid($"reason: must have 1 to {BanRequest.MaxReasonLength} characters.");
        }

        var now = time.GetUtcNow();
        var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(IdBytes));
        var ban = new Ban(id, target, request.Reason.Trim(), by, now, now + request.Duration);
        int ended;
        try
        {
            ended = bans.Add(ban);
        }
        catch (InvalidOperationException e)
        {
            return Outcome.Conflict(e.Message);
        }

        Save();
        var until = ban.ExpiresAt is { } end ? $"until {end:u}" : "without an end";
        return Outcome.Done($"{target} is banned {until}, {NodeConnections.CountText(ended)} ended.", ended);
    }

    /// <exception cref="IOException">The ban is lifted, but this could not be saved.</exception>
    public Outcome Unban(string id)
    {
        var ban = bans.Bans.FirstOrDefault(ban => ban.Id == id);
        if (ban is null || !bans.Remove(id))
        {
            return Outcome.NotFound($"There is no ban {id}.");
        }

        Save();
        return Outcome.Done($"{ban.Target} is no longer banned.");
    }

    private void Save()
    {
        try
        {
            lock (_saving)
            {
                store.Write(bans.Bans);
            }
        }
        catch (IOException e)
        {
            throw new IOException($"The change is in effect, but could not be saved and will be lost at a restart: {e.Message}", e);
        }
    }
}
