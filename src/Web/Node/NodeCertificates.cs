using NetworkProtocol.Admin;
using NetworkProtocol.Server.Tls;

namespace NetworkProtocol.Web.Node;

/// <summary>This node's certificates.</summary>
internal sealed class NodeCertificates(CertificateStores certificates, TimeProvider time)
{
    public IReadOnlyList<CertificateRow> List() => [.. certificates.InUse.Select(store => Rows.Of(store, store.Certificate!, time.GetUtcNow()))];

    /// <summary>How long until the first of all chains expires; null without a certificate.</summary>
    public int? DaysLeft() => certificates.InUse.Select(store => (int?)Rows.DaysLeft(store, time.GetUtcNow())).Min();

    public async Task<Outcome> ReloadAsync(CancellationToken cancellationToken)
    {
        var tried = await certificates.ReloadAsync(cancellationToken);
        var problems = tried.Select(store => store.LastLoad?.Problem).OfType<string>().ToArray();
        return problems.Length > 0
            ? new Outcome(OutcomeKind.Failed, string.Join(" ", problems))
            : Outcome.Done($"Loaded: {string.Join(", ", tried.Select(store => store.Name))}.", tried.Count);
    }
}
