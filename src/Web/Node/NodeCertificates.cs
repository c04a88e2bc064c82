using NetworkProtocol.Admin;
using NetworkProtocol.Server.Tls;

namespace NetworkProtocol.Web.Node;

/// <summary>Lists and reloads the certificates of this node.</summary>
internal sealed class NodeCertificates(CertificateStores certificates, TimeProvider time)
{
    public IReadOnlyList<CertificateRow> List() =>
        [.. certificates.InUse.Select(store => RowFactory.Of(store, store.Certificate!, time.GetUtcNow()))];

    /// <summary>The number of days until the first certificate of all chains expires; null without a certificate.</summary>
    public int? DaysLeft() => certificates.InUse.Select(store => (int?)RowFactory.DaysLeft(store, time.GetUtcNow())).Min();

    public async Task<Outcome> ReloadAsync(CancellationToken cancellationToken)
    {
        var tried = await certificates.ReloadAsync(cancellationToken);
        var problems = tried.Select(attempt => attempt.Load?.Problem).OfType<string>().ToArray();
        return problems.Length > 0
            ? new Outcome(OutcomeKind.Failed, string.Join(" ", problems))
            : Outcome.Done($"Loaded: {string.Join(", ", tried.Select(attempt => attempt.Store.Name))}.", tried.Count);
    }
}
