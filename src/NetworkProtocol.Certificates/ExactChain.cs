using System.Collections.ObjectModel;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>
/// Has TLS send a file's certificates in their order. <see cref="SslStreamCertificateContext"/>'s own <c>Create</c> sends the chain that it
/// finds with this host's trust store instead: it leaves out a cross-signed authority that the host trusts, and every root.
/// </summary>
internal static class ExactChain
{
    public static SslStreamCertificateContext Create(X509Certificate2 leaf, IEnumerable<X509Certificate2> rest)
    {
        try
        {
            return New(leaf, new ReadOnlyCollection<X509Certificate2>([.. rest]), null);
        }
        catch (MissingMethodException)
        {
            // A runtime that has renamed it: what it sends by itself is right on most hosts.
            return SslStreamCertificateContext.Create(leaf, [.. rest], offline: true);
        }
    }

    // No public member takes a chain as it is (.NET 10).
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SslStreamCertificateContext New(
        X509Certificate2 target, ReadOnlyCollection<X509Certificate2> intermediates, SslCertificateTrust? trust);
}
