using NetworkProtocol.Admin;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Operators;
using NetworkProtocol.Web.Access;

namespace NetworkProtocol.Web.Node;

/// <summary>The actions on this node in the name of one actor: each is checked and recorded by <see cref="AuditedActions"/>.</summary>
internal sealed class LocalActions(Actor actor, NodeTopics node, AuditedActions audited, string nodeId) : INodeActions
{
    public Task<Outcome> DisconnectAsync(string key, CancellationToken cancellationToken = default) =>
        ConnectionKey.TryParse(key, out var parsed)
            ? ActAsync("disconnect", node.Connections.Describe(parsed), () => node.Disconnects.Disconnect(parsed))
            : ActAsync("disconnect", $"connection {key}", () => Outcome.NotFound(ConnectionNotFound.Text(key, nodeId)));

    public Task<Outcome> DisconnectMatchingAsync(DisconnectRequest request, CancellationToken cancellationToken = default) =>
        ActAsync("disconnect-matching", request.Filter.WithoutBlanks().ToString(), () => node.Disconnects.DisconnectMatching(request));

    public Task<Outcome> StopDisconnectingAsync(CancellationToken cancellationToken = default) =>
        ActAsync("stop-disconnecting", "", node.Disconnects.StopDisconnecting);

    public Task<Outcome> BanAsync(BanRequest request, CancellationToken cancellationToken = default) =>
        ActAsync("ban", request.Target, () => node.Bans.Ban(request, actor.Name));

    public Task<Outcome> UnbanAsync(string id, CancellationToken cancellationToken = default) =>
        ActAsync("unban", id, () => node.Bans.Unban(id));

    public Task<Outcome> IsolateAsync(string breaker, CancellationToken cancellationToken = default) =>
        ActAsync("isolate", breaker, () => node.Breakers.IsolateAsync(breaker));

    public Task<Outcome> ResetAsync(string breaker, CancellationToken cancellationToken = default) =>
        ActAsync("reset", breaker, () => node.Breakers.ResetAsync(breaker));

    // A reload that has begun is completed even if the caller aborts its request.
    public Task<Outcome> ReloadCertificatesAsync(CancellationToken cancellationToken = default) =>
        ActAsync("reload-certificates", "all", () => node.Certificates.ReloadAsync(CancellationToken.None));

    public Task<Outcome> DrainAsync(DrainRequest request, CancellationToken cancellationToken = default) =>
        ActAsync("drain", $"{request.PerSecond} a second, deadline {request.Deadline}", () => node.Drain.Start(request));

    public Task<Outcome> UndoDrainAsync(CancellationToken cancellationToken = default) =>
        ActAsync("undo-drain", "", node.Drain.Undo);

    public Task<Outcome> FlushEdgeAsync(CancellationToken cancellationToken = default) =>
        ActAsync("flush-edge", "", node.Edge.FlushAsync);

    public Task<Outcome> PauseEdgeAsync(CancellationToken cancellationToken = default) =>
        ActAsync("pause-edge", "", node.Edge.PauseAsync);

    public Task<Outcome> ResumeEdgeAsync(CancellationToken cancellationToken = default) =>
        ActAsync("resume-edge", "", node.Edge.ResumeAsync);

    public Task<Outcome> DiscardEdgeAsync(EdgeDiscardRequest request, CancellationToken cancellationToken = default) =>
        ActAsync("discard-edge", NodeEdge.Describe(request), () => node.Edge.DiscardAsync(request));

    public Task<Outcome> CreateTokenAsync(TokenRequest request, CancellationToken cancellationToken = default) =>
        ActAsync("create-token", $"{request.Name} ({request.Role})", () => node.Tokens.Create(request, actor.Name));

    public Task<Outcome> RevokeTokenAsync(string name, CancellationToken cancellationToken = default) =>
        ActAsync("revoke-token", name, () => node.Tokens.Revoke(name));

    private Task<Outcome> ActAsync(string action, string target, Func<Outcome> act) =>
        ActAsync(action, target, () => Task.FromResult(act()));

    private Task<Outcome> ActAsync(string action, string target, Func<Task<Outcome>> act) =>
        audited.RunAsync(actor, action, target, act);
}
