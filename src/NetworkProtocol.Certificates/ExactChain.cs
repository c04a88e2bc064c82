using System.Collections.ObjectModel;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;

namespace NetworkProtocol.Certificates;

/// <summary>
/// Makes TLS send a file's certificates in the file's order. <see cref="SslStreamCertificateContext"/>'s own <c>Create</c> instead sends
/// the chain that it builds with this host's trust store: it leaves out every root, and a cross-signed authority that the host trusts.
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
            // The constructor has changed in this runtime. The chain that Create builds is right on most hosts.
            return SslStreamCertificateContext.Create(leaf, [.. rest], offline: true);
        }
    }

    // No public member of .NET 10 accepts a chain unchanged.
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern SslStreamCertificateContext New(
        X509Certificate2 target, ReadOnlyCollection<X509Certificate2> intermediates, SslCertificateTrust? trust);
}
