import{C as ir,D as lr,F as cr,J as Ge,a as D,b as Ie,c as A,d as ar,e as on,q as he}from"./shared.js";var F,mr,fa,be,sn,yt,pr,ft,fr,ln,an,ga,Je=Symbol.for("pv"),wt={},vt=[],ha=/^m(i|n|o|s|text|space)$/,cn=Array.isArray,gr=vt.slice,Te=Object.assign;function Se(t){t&&t.parentNode&&t.remove()}function gt(t,e,n,o,a){var s={type:t,props:e,key:n,ref:o,__k:null,__:null,__b:0,__e:null,__c:null,constructor:Je,__v:a||++mr,__i:-1,__u:0};return!a&&F.vnode&&F.vnode(s),s}function C(t){return t.children}function ht(t,e){this.props=t,this.context=e,this.__g=0}function ye(t,e){if(e==null)return t.__&&ye(t.__,t.__i+1);for(var n;e<t.__k.length;e++)if((n=t.__k[e])&&n.__e)return n.__e;return typeof t.type!="function"||t.props.__P?null:ye(t)}function ba(t){var e,n=t.__v,o=n.__e,a=[],s=[],l=t.__P;l&&((e=Te({constructor:Je},n)).__v=n.__v+1,F.vnode&&F.vnode(e),dn(l,e,n,t.__n,l.namespaceURI,32&n.__u?[o]:null,a,o||ye(n),32&n.__u,s),e.__v=n.__v,e.__.__k[e.__i]=e,kr(a,e,s),n.__=n.__e=null,e.__e!=o&&hr(e))}function hr(t){if((t=t.__)&&t.__c&&!t.props.__P)return t.__e=null,t.__k.some(function(e){return e&&(t.__e=e.__e)}),hr(t)}function dr(t){(8&t.__g||(t.__g|=8,be.push(t),yt++))&&sn==F.debounceRendering||((sn=F.debounceRendering)||queueMicrotask)(br)}function br(){try{for(var t,e=1;be.length;)be.length>e&&be.sort(pr),t=be.shift(),e=be.length,8&t.__g&&ba(t)}finally{(yt=be.length)&&(sn||queueMicrotask)(br)}}function yr(t,e,n,o,a,s,l,c,u,m,d){var f,h,p,g,w,y,k=o.__k||vt,v=e.length;for(u=ya(n,e,k,u,v),f=0;f<v;f++)(p=n.__k[f])!=null&&(h=~p.__i&&k[p.__i]||wt,p.__i=f,y=dn(t,p,h,a,s,l,c,u,m,d),g=p.__e,(h.ref!=p.ref||8&h.__u)&&(h.ref&&un(h.ref,null,p,h),p.ref&&d.push(p.ref,p.__c||g,p)),w=w||g,4&p.__u?(u=wr(p,u,t,!h.__v),h.__e&&(h.__e=null)):typeof p.type=="function"&&y!==void 0?u=y:g&&(u=g.nextSibling),p.__u&=-21);return n.__e=w,u}function ya(t,e,n,o,a){var s,l,c,u,m,d,f,h,p,g=n.length,w=g,y=0,k=0,v=t.__k=Array(a);for(s=0;s<a;s++)(l=e[s])!=null&&typeof l!="boolean"&&typeof l!="function"?(typeof l!="object"||l.constructor===String?l=v[s]=gt(null,l):cn(l)?l=v[s]=gt(C,{children:l}):l.constructor===Je&&l.__b?l=v[s]=gt(l.type,l.props,l.key,l.ref,l.__v):v[s]=l,u=s+y,l.__=t,l.__b=t.__b+1,c=null,~(m=l.__i=wa(l,n,u,w))&&(w--,(c=n[m])&&(c.__u|=2)),c&&c.__v?(l.__u|=16,m==u-1?y--:m==u+1?y++:m!=u&&(m>u?y--:y++,k=1)):(~m||(a>g?y--:a<g&&y++),typeof l.type!="function"&&(l.__u|=4))):v[s]=null;if(k){for(d=[],f=[],s=0;s<a;s++)if((l=v[s])&&16&l.__u){for(y=0,h=d.length;y<h;)d[p=y+h>>1]<l.__i?y=p+1:h=p;d[y]=l.__i,f[s]=y+1}for(y=d.length;s--;)f[s]&&(f[s]==y?y--:v[s].__u|=4)}if(w)for(s=0;s<g;s++)!(c=n[s])||2&c.__u||(c.__e==o&&(o=ye(c)),mn(c,c));return o}function wr(t,e,n,o){var a,s,l,c;if(typeof t.type=="function"){if(t.props.__P)return e;if(a=t.__k)for(s=0;s<a.length;s++)a[s]&&(a[s].__=t,e=wr(a[s],e,n,!1));return e}for(e&&!e.parentNode&&(e=ye(t))&&!e.parentNode&&(e=null),l=t.__e,c=e;c&&c.nodeType==8;)c=c.nextSibling;for(l!=c&&(!o&&n.moveBefore&&l.parentNode?n.moveBefore(l,e):n.insertBefore(l,e||null)),e=l;(e=e&&e.nextSibling)&&e.nodeType==8&&!e.data.startsWith("$s"););return e}function wa(t,e,n,o){var a,s=t.key,l=t.type,c=e[n],u=c&&!(2&c.__u);if(c===null&&s==null||u&&s==c.key&&l==c.type)return n;if(o>(u?1:0)){for(a=n-1;a>=0;a--)if((c=e[a])&&!(2&c.__u)&&s==c.key&&l==c.type)return a;for(a=n+1;a<e.length;a++)if((c=e[a])&&!(2&c.__u)&&s==c.key&&l==c.type)return a}return-1}function ur(t,e,n){n==null&&(n=""),e[0]=="-"?t.setProperty(e,n):t[e]=n}function pt(t,e,n,o,a){var s,l;if(e=="style")if(typeof n=="string")t.style.cssText=n;else{if(typeof o=="string"&&(t.style.cssText=o=""),o)for(e in o)n&&e in n||ur(t.style,e);if(n)for(e in n)o&&n[e]==o[e]||ur(t.style,e,n[e])}else if(e[0]=="o"&&e[1]=="n")typeof n!="function"&&(n=null),typeof o!="function"&&(o=null),(t.__e||(t.__e={}))[e]=n,n&&o||(l=an[e]||(an[e]=va(e)),(t.__a||(t.__a={}))[e]=ln,s=e!=(e=e.replace(fr,"$1")),(e=e.slice(2))[0]<"a"&&(e=e.toLowerCase()),n?t.addEventListener(e,l,s):t.removeEventListener(e,l,s));else{if(a=="http://www.w3.org/2000/svg")e=e.replace(/xlink(H|:h)/,"h").replace(/sName$/,"s");else if(e!="width"&&e!="height"&&e!="href"&&e!="list"&&e!="form"&&e!="tabIndex"&&e!="download"&&e!="rowSpan"&&e!="colSpan"&&e!="role"&&e!="popover"&&e in t)try{return void(t[e]=n??"")}catch{}if(typeof n=="function")return;n==null||n===!1&&e[4]!="-"?t.removeAttribute(e):t.setAttribute(e,e=="popover"&&n==1?"":n)}}function va(t){return function(e){var n=this.__e;if(n){if(n=n[t],e[ft]==null)e[ft]=ln++;else if(e[ft]<this.__a[t])return;return n(F.event?F.event(e):e)}}}function dn(t,e,n,o,a,s,l,c,u,m){var d,f,h,p,g,w,y,k,v,$,E,L,z,X,G,_,M,R,x=e.type;if(e.constructor!==Je)return null;128&n.__u&&(u=32&n.__u,d=n.__c.__z)&&(e.__u|=u,f=s=[],d.nodeType==8?c=bt(d,s):s.push(d),c=s[0]||c),(d=F.__b)&&d(e);e:if(typeof x=="function"){h=l.length;try{if(k=e.props,v=(d=x.prototype)&&d.render,$=(d=x.contextType)&&o[d.__c],E=d?$?$.props.value:d.__:o,(p=n.__c)?(e.__c=p,2&p.__g&&(p.__g|=1)):(v?e.__c=p=new x(k,E):(e.__c=p=new ht(k,E),p.constructor=x,p.render=_a),$&&$.sub(p),p.state||(p.state={}),p.__n=o,p.__g|=8,p.__h=[],p.__k=[]),v&&(p.__s||(p.__s=p.state),x.getDerivedStateFromProps&&(p.__s==p.state&&(p.__s=Te({},p.__s)),Te(p.__s,x.getDerivedStateFromProps(k,p.__s)))),g=p.props,w=p.state,p.__v=e,n.__c){if(k!==g&&v&&!x.getDerivedStateFromProps&&p.componentWillReceiveProps&&p.componentWillReceiveProps(k,E),e.__v==n.__v&&!(8&p.__g)||!(4&p.__g)&&p.shouldComponentUpdate&&p.shouldComponentUpdate(k,p.__s,E)===!1){e.__v!=n.__v&&(p.props=k,p.state=p.__s,p.__g&=-9),e.__e=n.__e,e.__k=n.__k,e.__k.some(function(T){T&&(T.__=e)}),vt.push.apply(p.__h,p.__k),p.__k=[],p.__h.length&&l.push(p),c=ye(n);break e}p.componentWillUpdate&&p.componentWillUpdate(k,p.__s,E),v&&p.componentDidUpdate&&p.__h.push(function(){p.componentDidUpdate(g,w,y)})}else v&&!x.getDerivedStateFromProps&&p.componentWillMount&&p.componentWillMount(),v&&p.componentDidMount&&p.__h.push(p.componentDidMount);p.context=E,p.props=k,p.__P=t,p.__g&=-5,L=F.__r,z=v?25:0;do p.__g&=-9,L&&L(e),d=p.render(p.props,p.state=p.__s,p.context);while(8&p.__g&&++z<25);v&&(vt.push.apply(p.__h,p.__k),p.__k=[]),p.state=p.__s,p.getChildContext&&(o=Te({},o,p.getChildContext())),v&&n.__c&&p.getSnapshotBeforeUpdate&&(y=p.getSnapshotBeforeUpdate(g,w)),X=d&&d.type===C&&d.key==null?d.props.children:d,k.__P&&(d=c,a=(t=k.__P).namespaceURI,u=s=null,n.props&&n.props.__P!=t&&(n.__k.some(function(T){T&&mn(T,T)}),n.__k=null),c=n.__k?ye(n,0):null),c=yr(t,cn(X)?X:[X],e,n,o,a,s,l,c,u,m),k.__P&&(e.__e=null,c=d),e.__u&=-161,f&&f.some(Se),p.__h.length&&l.push(p),1&p.__g&&(p.__g&=-4)}catch(T){if(l.length=h,e.__v=null,u||s)if(T&&T.then){if(e.__u|=128|u,s){for(~(M=s.indexOf(c||void 0))||(M=s.length);(R=s[M-1])&&R.nodeType==8;)M--;for(;M<s.length;M++)if(R=s[M])if(s[M]=null,G){if(R==_)break}else{if(R.nodeType!=8)break;R.data.startsWith("$s")&&(_=bt(G=R))}}if(!G){for(;c&&c.nodeType==8&&c.nextSibling;)c=c.nextSibling;G=c}(d=bt(G=e.__c.__z||(e.__c.__z=G)))?(e.__e=G,c=d):e.__e=c,c=c&&c.nextSibling}else s&&s.some(Se);else e.__e=n.__e;e.__k||(e.__k=n.__k||[]),T&&T.then||vr(e),F.__e(T,e,n)}}else c=e.__e=ka(n.__e,e,n,o,a,s,l,u,m,t);return(d=F.diffed)&&d(e),c}function bt(t,e){if(t&&t.nodeType==8&&t.data.startsWith("$s"))for(var n=1;t=t.nextSibling;){if(t.nodeType==8){if(t.data.startsWith("$s"))n++;else if(t.data.startsWith("/$s")&&!--n)return t}e&&e.push(t)}}function vr(t){t&&(t.__c&&(t.__c.__g|=4),t.__k&&t.__k.some(vr))}function kr(t,e,n){for(var o=0;o<n.length;)un(n[o++],n[o++],n[o++]);F.__c&&F.__c(e,t),t.some(function(a){try{t=a.__h,a.__h=[],t.some(function(s){s.call(a)})}catch(s){F.__e(s,a.__v)}})}function ka(t,e,n,o,a,s,l,c,u,m){var d,f,h,p,g,w,y,k,v=n.props||wt,$=e.props,E=e.type;if(E=="svg"?a="http://www.w3.org/2000/svg":E=="math"?a="http://www.w3.org/1998/Math/MathML":a||(a="http://www.w3.org/1999/xhtml"),s){for(d=0;d<s.length;d++)if((g=s[d])&&(E?g.localName==E:g.nodeType==3)){t=g,s[d]=null;break}}if(!t){if(k=m.ownerDocument||document,!E)return k.createTextNode($);t=k.createElementNS(a,E,$.is?$:m),c&&(F.__m&&F.__m(e,s),c=!1),s=null}if(E){if(m=E=="template"&&t.content||t,s=E=="textarea"&&$.defaultValue!=null?null:s&&gr.call(m.childNodes),!c&&s)for(v={},d=0;d<t.attributes.length;d++)v[(g=t.attributes[d]).name]=g.value;for(d in v)g=v[d],d=="dangerouslySetInnerHTML"?h=g:d=="children"||d in $||d=="value"&&"defaultValue"in $||d=="checked"&&"defaultChecked"in $||pt(t,d,null,g,a);for(d in $)g=$[d],d=="children"?p=g:d=="dangerouslySetInnerHTML"?f=g:d=="value"?w=g:d=="checked"?y=g:c&&typeof g!="function"||v[d]===g||pt(t,d,g,v[d],a);f?(c||h&&(f.__html==h.__html||f.__html==t.innerHTML)||(t.innerHTML=f.__html),e.__k=[]):(h&&(t.textContent=""),(E=="foreignObject"||a=="http://www.w3.org/1998/Math/MathML"&&ha.test(E))&&(a="http://www.w3.org/1999/xhtml"),yr(m,cn(p)?p:[p],e,n,o,a,s,l,s?s[0]:n.__k&&ye(n,0),c,u),s&&s.some(Se)),c&&E!="textarea"||(d="value",E=="progress"&&w==null?t.removeAttribute(d):w==null||w===t[d]&&(E!="progress"||w)||pt(t,d,w,v[d],a),d="checked",y!=null&&y!=t[d]&&pt(t,d,y,v[d],a))}else v===$||c&&t.data==$||(t.data=$);return t}function un(t,e,n,o){try{typeof t=="function"?e?e.__x=t(e)||1:o&&(o=o.__c||o.__e)&&(e=o.__x)&&(o.__x=null,typeof e=="function"?e():t(null)):t.current=e}catch(a){F.__e(a,n)}}function mn(t,e,n){var o,a,s,l;if(F.unmount&&F.unmount(t),!(o=t.ref)||o.current&&o.current!=t.__e||un(o,null,e,t),o=t.__c){if(o.componentWillUnmount)try{o.componentWillUnmount()}catch(c){F.__e(c,e)}o.__P=o.__n=null}if(o=t.__k)for(l=0;l<o.length;l++)o[l]&&mn(o[l],e,typeof t.type!="function"||n&&!t.props.__P);!n&&(o=t.__c)&&(o=o.__z)&&(a=bt(o,s=[]))&&(o==t.__e&&s.some(Se),Se(a),Se(o)),n||Se(t.__e),t.__e=t.__c=t.__=null}function _a(t,e,n){return this.constructor(t,n)}function _r(t,e){var n,o,a,s;F.__&&F.__(t,e),e.nodeType==9&&(e=e.documentElement),o=(n=t&&32&t.__u)?null:e.__k,e.__k=gt(C,{children:[t]}),a=[],s=[],dn(e,e.__k,o||wt,wt,e.namespaceURI,o?null:e.firstChild?gr.call(e.childNodes):null,a,o?o.__e:e.firstChild,n,s),kr(a,e.__k,s),e.__k.props.children=null}F={__e:function(t,e,n,o){for(var a,s,l;e=e.__;)if((a=e.__c)&&!(1&a.__g)){a.__g|=4;try{if((l=(s=a.constructor)&&s.getDerivedStateFromError)&&a.setState(s.getDerivedStateFromError(t)),a.componentDidCatch&&(a.componentDidCatch(t,o||{}),l=1),l&&8&a.__g)return void(a.__g|=2)}catch(c){t=c}}throw yt=0,t}},mr=0,fa=function(t){return t!=null&&t.constructor===Je},ht.prototype.setState=function(t,e){var n=this.__s;n&&n!=this.state||(n=this.__s=Te({},this.state)),typeof t=="function"&&(t=t(Te({},n),this.props)),t&&(Te(n,t),this.__v&&(e&&this.__k.push(e),dr(this)))},ht.prototype.forceUpdate=function(t){this.__v&&(this.__g|=4,t&&this.__h.push(t),dr(this))},ht.prototype.render=C,be=[],yt=0,pr=function(t,e){return t.__v.__b-e.__v.__b},ft=Symbol(),fr=/(PointerCapture)$|Capture$/i,ln=0,an={},ga=0;var ce=class{constructor(e){this.value=e}valueOf(){return this.value}},N=class extends ce{constructor(e="???"){super(e)}toString(e){return`{${this.value}}`}},re=class extends ce{constructor(e,n={}){super(e),this.opts=n}toString(e){if(e)try{return e.memoizeIntlObject(Intl.NumberFormat,this.opts).format(this.value)}catch(n){e.reportError(n)}return this.value.toString(10)}},de=class t extends ce{static supportsValue(e){if(typeof e=="number"||e instanceof Date)return!0;if(e instanceof ce)return t.supportsValue(e.valueOf());if("Temporal"in globalThis){let n=globalThis.Temporal;if(e instanceof n.Instant||e instanceof n.PlainDateTime||e instanceof n.PlainDate||e instanceof n.PlainMonthDay||e instanceof n.PlainTime||e instanceof n.PlainYearMonth)return!0}return!1}constructor(e,n={}){e instanceof t?(n={...e.opts,...n},e=e.value):e instanceof ce&&(e=e.valueOf()),typeof e=="object"&&"calendarId"in e&&n.calendar===void 0&&(n={...n,calendar:e.calendarId}),super(e),this.opts=n}[Symbol.toPrimitive](e){return e==="string"?this.toString():this.toNumber()}toNumber(){let e=this.value;if(typeof e=="number")return e;if(e instanceof Date)return e.getTime();if("epochMilliseconds"in e)return e.epochMilliseconds;if("toZonedDateTime"in e)return e.toZonedDateTime("UTC").epochMilliseconds;throw new TypeError("Unwrapping a non-number value as a number")}toString(e){if(e)try{return e.memoizeIntlObject(Intl.DateTimeFormat,this.opts).format(this.value)}catch(n){e.reportError(n)}return typeof this.value=="number"||this.value instanceof Date?new Date(this.value).toISOString():this.value.toString()}};var xr=100,xa="⁨",$a="⁩";function Ma(t,e,n){if(n===e||n instanceof re&&e instanceof re&&n.value===e.value)return!0;if(e instanceof re&&typeof n=="string"){let o=t.memoizeIntlObject(Intl.PluralRules,e.opts).select(e.value);if(n===o)return!0}return!1}function $r(t,e,n){return e[n]?Fe(t,e[n].value):(t.reportError(new RangeError("No default")),new N)}function pn(t,e){let n=[],o=Object.create(null);for(let a of e)a.type==="narg"?o[a.name]=Ye(t,a.value):n.push(Ye(t,a));return{positional:n,named:o}}function Ye(t,e){switch(e.type){case"str":return e.value;case"num":return new re(e.value,{minimumFractionDigits:e.precision});case"var":return Sa(t,e);case"mesg":return Ta(t,e);case"term":return Ea(t,e);case"func":return Ca(t,e);case"select":return Aa(t,e);default:return new N}}function Sa(t,{name:e}){let n;if(t.params)if(Object.prototype.hasOwnProperty.call(t.params,e))n=t.params[e];else return new N(`$${e}`);else if(t.args&&Object.prototype.hasOwnProperty.call(t.args,e))n=t.args[e];else return t.reportError(new ReferenceError(`Unknown variable: $${e}`)),new N(`$${e}`);if(n instanceof ce)return n;switch(typeof n){case"string":return n;case"number":return new re(n);case"object":if(de.supportsValue(n))return new de(n);default:return t.reportError(new TypeError(`Variable type not supported: $${e}, ${typeof n}`)),new N(`$${e}`)}}function Ta(t,{name:e,attr:n}){let o=t.bundle._messages.get(e);if(!o)return t.reportError(new ReferenceError(`Unknown message: ${e}`)),new N(e);if(n){let a=o.attributes[n];return a?Fe(t,a):(t.reportError(new ReferenceError(`Unknown attribute: ${n}`)),new N(`${e}.${n}`))}return o.value?Fe(t,o.value):(t.reportError(new ReferenceError(`No value: ${e}`)),new N(e))}function Ea(t,{name:e,attr:n,args:o}){let a=`-${e}`,s=t.bundle._terms.get(a);if(!s)return t.reportError(new ReferenceError(`Unknown term: ${a}`)),new N(a);if(n){let c=s.attributes[n];if(c){t.params=pn(t,o).named;let u=Fe(t,c);return t.params=null,u}return t.reportError(new ReferenceError(`Unknown attribute: ${n}`)),new N(`${a}.${n}`)}t.params=pn(t,o).named;let l=Fe(t,s.value);return t.params=null,l}function Ca(t,{name:e,args:n}){let o=t.bundle._functions[e];if(!o)return t.reportError(new ReferenceError(`Unknown function: ${e}()`)),new N(`${e}()`);if(typeof o!="function")return t.reportError(new TypeError(`Function ${e}() is not callable`)),new N(`${e}()`);try{let a=pn(t,n);return o(a.positional,a.named)}catch(a){return t.reportError(a),new N(`${e}()`)}}function Aa(t,{selector:e,variants:n,star:o}){let a=Ye(t,e);if(a instanceof N)return $r(t,n,o);for(let s of n){let l=Ye(t,s.key);if(Ma(t,a,l))return Fe(t,s.value)}return $r(t,n,o)}function fn(t,e){if(t.dirty.has(e))return t.reportError(new RangeError("Cyclic reference")),new N;t.dirty.add(e);let n=[],o=t.bundle._useIsolating&&e.length>1;for(let a of e){if(typeof a=="string"){n.push(t.bundle._transform(a));continue}if(t.placeables++,t.placeables>xr)throw t.dirty.delete(e),new RangeError(`Too many placeables expanded: ${t.placeables}, max allowed is ${xr}`);o&&n.push(xa),n.push(Ye(t,a).toString(t)),o&&n.push($a)}return t.dirty.delete(e),n.join("")}function Fe(t,e){return typeof e=="string"?t.bundle._transform(e):fn(t,e)}var kt=class{constructor(e,n,o){this.dirty=new WeakSet,this.params=null,this.placeables=0,this.bundle=e,this.errors=n,this.args=o}reportError(e){if(!this.errors||!(e instanceof Error))throw e;this.errors.push(e)}memoizeIntlObject(e,n){let o=this.bundle._intls.get(e);o||(o={},this.bundle._intls.set(e,o));let a=JSON.stringify(n);return o[a]||(o[a]=new e(this.bundle.locales,n)),o[a]}};function gn(t,e){let n=Object.create(null);for(let[o,a]of Object.entries(t))e.includes(o)&&(n[o]=a.valueOf());return n}var Mr=["unitDisplay","currencyDisplay","useGrouping","minimumIntegerDigits","minimumFractionDigits","maximumFractionDigits","minimumSignificantDigits","maximumSignificantDigits"];function Sr(t,e){let n=t[0];if(n instanceof N)return new N(`NUMBER(${n.valueOf()})`);if(n instanceof re)return new re(n.valueOf(),{...n.opts,...gn(e,Mr)});if(n instanceof de)return new re(n.toNumber(),{...gn(e,Mr)});throw new TypeError("Invalid argument to NUMBER")}var Pa=["dateStyle","timeStyle","fractionalSecondDigits","dayPeriod","hour12","weekday","era","year","month","day","hour","minute","second","timeZoneName"];function Tr(t,e){let n=t[0];if(n instanceof N)return new N(`DATETIME(${n.valueOf()})`);if(n instanceof de||n instanceof re)return new de(n,gn(e,Pa));throw new TypeError("Invalid argument to DATETIME")}var Er=new Map;function Cr(t){let e=Array.isArray(t)?t.join(" "):t,n=Er.get(e);return n===void 0&&(n=new Map,Er.set(e,n)),n}var Ze=class{constructor(e,{functions:n,useIsolating:o=!0,transform:a=s=>s}={}){this._terms=new Map,this._messages=new Map,this.locales=Array.isArray(e)?e:[e],this._functions={NUMBER:Sr,DATETIME:Tr,...n},this._useIsolating=o,this._transform=a,this._intls=Cr(e)}hasMessage(e){return this._messages.has(e)}getMessage(e){return this._messages.get(e)}addResource(e,{allowOverrides:n=!1}={}){let o=[];for(let a=0;a<e.body.length;a++){let s=e.body[a];if(s.id.startsWith("-")){if(n===!1&&this._terms.has(s.id)){o.push(new Error(`Attempt to override an existing term: "${s.id}"`));continue}this._terms.set(s.id,s)}else{if(n===!1&&this._messages.has(s.id)){o.push(new Error(`Attempt to override an existing message: "${s.id}"`));continue}this._messages.set(s.id,s)}}return o}formatPattern(e,n=null,o=null){if(typeof e=="string")return this._transform(e);let a=new kt(this,o,n);try{return fn(a,e).toString(a)}catch(s){if(a.errors&&s instanceof Error)return a.errors.push(s),new N().toString(a);throw s}}};var hn=/^(-?[a-zA-Z][\w-]*) *= */gm,Ar=/\.([a-zA-Z][\w-]*) *= */y,Ra=/\*?\[/y,bn=/(-?[0-9]+(?:\.([0-9]+))?)/y,Oa=/([a-zA-Z][\w-]*)/y,Pr=/([$-])?([a-zA-Z][\w-]*)(?:\.([a-zA-Z][\w-]*))?/y,Da=/^[A-Z][A-Z0-9_-]*$/,_t=/([^{}\n\r]+)/y,Ia=/([^\\"\n\r]*)/y,Rr=/\\([\\"])/y,Or=/\\u([a-fA-F0-9]{4})|\\U([a-fA-F0-9]{6})/y,Fa=/^\n+/,Dr=/ +$/,La=/ *\r?\n/g,Na=/( *)$/,Va=/{\s*/y,Ir=/\s*}/y,Ba=/\[\s*/y,za=/\s*] */y,Ua=/\s*\(\s*/y,ja=/\s*->\s*/y,Ha=/\s*:\s*/y,qa=/\s*,?\s*/y,Ka=/\s+/y,Xe=class{constructor(e){this.body=[],hn.lastIndex=0;let n=0;for(;;){let _=hn.exec(e);if(_===null)break;n=hn.lastIndex;try{this.body.push(u(_[1]))}catch(M){if(M instanceof SyntaxError)continue;throw M}}function o(_){return _.lastIndex=n,_.test(e)}function a(_,M){if(e[n]===_)return n++,!0;if(M)throw new M(`Expected ${_}`);return!1}function s(_,M){if(o(_))return n=_.lastIndex,!0;if(M)throw new M(`Expected ${_.toString()}`);return!1}function l(_){_.lastIndex=n;let M=_.exec(e);if(M===null)throw new SyntaxError(`Expected ${_.toString()}`);return n=_.lastIndex,M}function c(_){return l(_)[1]}function u(_){let M=d(),R=m();if(M===null&&Object.keys(R).length===0)throw new SyntaxError("Expected message value or attributes");return{id:_,value:M,attributes:R}}function m(){let _=Object.create(null);for(;o(Ar);){let M=c(Ar),R=d();if(R===null)throw new SyntaxError("Expected attribute value");_[M]=R}return _}function d(){let _;if(o(_t)&&(_=c(_t)),e[n]==="{"||e[n]==="}")return f(_?[_]:[],1/0);let M=z();return M?_?f([_,M],M.length):(M.value=X(M.value,Fa),f([M],M.length)):_?X(_,Dr):null}function f(_=[],M){for(;;){if(o(_t)){_.push(c(_t));continue}if(e[n]==="{"){_.push(h());continue}if(e[n]==="}")throw new SyntaxError("Unbalanced closing brace");let B=z();if(B){_.push(B),M=Math.min(M,B.length);continue}break}let R=_.length-1,x=_[R];typeof x=="string"&&(_[R]=X(x,Dr));let T=[];for(let B of _)B instanceof xt&&(B=B.value.slice(0,B.value.length-M)),B&&T.push(B);return T}function h(){s(Va,SyntaxError);let _=p();if(s(Ir))return _;if(s(ja)){let M=y();return s(Ir,SyntaxError),{type:"select",selector:_,...M}}throw new SyntaxError("Unclosed placeable")}function p(){if(e[n]==="{")return h();if(o(Pr)){let[,_,M,R=null]=l(Pr);if(_==="$")return{type:"var",name:M};if(s(Ua)){let x=g();if(_==="-")return{type:"term",name:M,attr:R,args:x};if(Da.test(M))return{type:"func",name:M,args:x};throw new SyntaxError("Function names must be all upper-case")}return _==="-"?{type:"term",name:M,attr:R,args:[]}:{type:"mesg",name:M,attr:R}}return v()}function g(){let _=[];for(;;){switch(e[n]){case")":return n++,_;case void 0:throw new SyntaxError("Unclosed argument list")}_.push(w()),s(qa)}}function w(){let _=p();return _.type!=="mesg"?_:s(Ha)?{type:"narg",name:_.name,value:v()}:_}function y(){let _=[],M=0,R;for(;o(Ra);){a("*")&&(R=M);let x=k(),T=d();if(T===null)throw new SyntaxError("Expected variant value");_[M++]={key:x,value:T}}if(M===0)return null;if(R===void 0)throw new SyntaxError("Expected default variant");return{variants:_,star:R}}function k(){s(Ba,SyntaxError);let _;return o(bn)?_=$():_={type:"str",value:c(Oa)},s(za,SyntaxError),_}function v(){if(o(bn))return $();if(e[n]==='"')return E();throw new SyntaxError("Invalid expression")}function $(){let[,_,M=""]=l(bn),R=M.length;return{type:"num",value:parseFloat(_),precision:R}}function E(){a('"',SyntaxError);let _="";for(;;){if(_+=c(Ia),e[n]==="\\"){_+=L();continue}if(a('"'))return{type:"str",value:_};throw new SyntaxError("Unclosed string literal")}}function L(){if(o(Rr))return c(Rr);if(o(Or)){let[,_,M]=l(Or),R=parseInt(_||M,16);return R<=55295||57344<=R?String.fromCodePoint(R):"�"}throw new SyntaxError("Unknown escape sequence")}function z(){let _=n;switch(s(Ka),e[n]){case".":case"[":case"*":case"}":case void 0:return!1;case"{":return G(e.slice(_,n))}return e[n-1]===" "?G(e.slice(_,n)):!1}function X(_,M){return _.replace(M,"")}function G(_){let M=_.replace(La,`
`),R=Na.exec(_)[1].length;return new xt(M,R)}}},xt=class{constructor(e,n){this.value=e,this.length=n}};var Fr=`# Acts, holds and evidence. Lengths and times arrive as ready text; numbers as numbers.
nav-title = Sections
nav-exams = Exams
nav-acts = Acts
nav-holds = Holds
nav-registrar = Annulments
nav-audit = Audit log
cancel = Cancel
working = Working…
error-failed = That did not work: { $message }
people-title = Students and rooms
recording-held-only = The footage has expired. Only what is under hold can still be watched.

collect-title = Evidence for an act
collect-mark-in = Mark beginning
collect-mark-out = Mark end
collect-in = Beginning
collect-out = End
collect-clear = Clear
collect-too-long = An act cites at most 2 hours at a time. Shorten the range, or cite several.
collect-still = Take a still
collect-stills = { $count ->
    [one] { $count } still
   *[other] { $count } stills
}
collect-still-unsigned = This picture is not yet signed by the device. Try again in a few seconds.
collect-strip = Stills taken
collect-hint = Mark beginning and end of what you saw. Stills stay in this tab until they are sealed into an act; locking the key drops them.
collect-hint-ready = The range goes into the act and is put under hold at once.
still-at = Still at { $time }
still-remove = Remove the still at { $time }
stills-arriving = { $count ->
    [one] Sealing { $count } still into the act…
   *[other] Sealing { $count } stills into the act…
}
timeline-held-pending = hold: being set up
timeline-held-effective = hold: in force

draw-up = Draw up an act
draw-up-on-the-spot = Draw up an act on the spot
draw-up-open = Open the draft
draw-up-add = Add to the draft
draw-up-kind = Kind of act
draw-up-whom = Whom it concerns
draw-up-nobody = The room as a whole
draw-up-choose = Choose…
draw-up-into = Where it goes
draw-up-new = A new act
draw-up-no-form = Your role may not draft any kind of act.
draw-up-cites = Cites { $who }, { $from } to { $to }.
draw-up-cites-nothing = No range is marked; footage can be cited later.
draw-up-stills = { $count ->
    [one] { $count } still goes with it.
   *[other] { $count } stills go with it.
}
draw-up-hold-hint = Opening the draft puts the marked range under hold at once.
draw-up-later-hint = Footage can be added to the draft later, from the player.

acts-title = Acts
acts-none = There are no such acts.
acts-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
acts-own-hint = You see the acts that you drew up or are asked to sign.
acts-yours-count = { $count ->
    [one] { $count } act waits for your signature
   *[other] { $count } acts wait for your signature
}
acts-yours-show = Show
acts-filter-state = State
acts-filter-kind = Kind
acts-filter-any-kind = Any
acts-filter-open = Open
acts-filter-yours = Yours to sign
acts-filter-all = All
act-state-draft = draft
act-state-for-signature = for signature
act-state-signed = signed
act-state-passed-on = with the commission
act-state-grade-cancelled = grade cancelled
act-state-discarded = discarded
act-state-long-draft = Draft
act-state-long-for-signature = For signature
act-state-long-signed = Signed: nothing in it changes any more
act-state-long-passed-on = With the commission’s responsible member
act-state-long-grade-cancelled = The grade has been cancelled
act-state-long-discarded = Discarded: its personal data has been destroyed
act-no-number = Draft
act-number-later = No number yet
act-no-form = The form “{ $kind }” of this act is not known to the server.
act-language = Language of the text
act-yours = yours to sign
act-revoked = revoked
act-corrected = corrected
act-repeated-short = repeated: Ethics Council
act-repeated = A repeated violation goes to the Council of the Faculty for Ethics (1.18).
act-earlier = { $count ->
    [one] { $count } earlier act:
   *[other] { $count } earlier acts:
}
act-open-other = open the act
act-corrects = This act corrects an earlier one:
act-revokes = This act revokes an earlier one:
act-supplements = This act supplements an earlier one:
act-by-corrects = Corrected by a later act:
act-by-revokes = Revoked by a later act:
act-by-supplements = Supplemented by a later act:
act-discarded-note = Reason: { $note }
act-returned = Sent back to draft by { $who }, { $when }: { $note }
act-drawn-up = Drawn up by { $who } on { $date }.
act-drawn-up-by = Drawn up by: { $who }, { $capacity }
act-signatures = Signatures: { $given } of { $needed }.
act-staff-access = Reports on staff are shown to their own readers only.
act-document = Document:
act-preview = Look at the draft as a document:
act-check-page = Public check page
countdown-left = { $days } d { $hours } h left
countdown-minutes = { $minutes } min left
countdown-over = too late
countdown-until = The grade can be cancelled until { $until }. The confirmed cancellation counts, not the draft.
countdown-was = The grade could be cancelled until { $until }.

save-saved = Saved
save-waiting = Not saved yet
save-saving = Saving…
save-offline = No connection: your text is kept here and saved as soon as the server answers
save-signed-out = Signed out: your text is kept here until you sign in again
save-conflict = Conflict: choose below
save-refused = The server does not accept this:
save-closed = Somebody has closed this draft
save-now = Save now
draft-not-saved = First everything has to be saved; look at the state at the top.
draft-leave = Something you typed could not be saved yet. Sign out all the same?
draft-taken = Changed by somebody else meanwhile and taken over: { $fields }.
draft-stranded = What you typed could not go into the draft any more. Copy it before you leave.
draft-stranded-text = Your text
draft-stranded-done = I do not need it any more
draft-unsaved-elsewhere = { $count ->
    [one] { $count } draft has words that are not saved yet:
   *[other] { $count } drafts have words that are not saved yet:
}
clash-title = Two people changed the same
clash-lead = Nothing has been overwritten. Choose for each what is to stand.
clash-mine = Your version
clash-theirs = The other version
clash-keep-mine = Keep yours
clash-take-theirs = Take the other
clash-keep-both = Keep both, one after the other
clash-empty = (empty)
clash-language = Language of the text
clash-capacity = In which capacity
clash-points = Points violated
clash-evidence = Footage
clash-signatories = Signatories
clash-post = Post of { $login }
clash-other = Another part of the act

field-required = required
field-chars = { $used } of { $most } characters
answer-yes = Yes
answer-no = No
person-name = Name of person { $number }
person-post = Post of person { $number }
person-name-short = Name
person-post-short = Post
person-add = Add a person
person-remove = Remove person { $number }
drawn-up-title = Who draws it up
drawn-up-capacity = { $name } draws it up as
points-title = Points violated
aids-title = Permitted, no violation
evidence-title = Footage cited
evidence-none = No footage is cited.
evidence-watch = Watch
evidence-remove = Remove { $range }
evidence-add = Open the player
evidence-add-hint = to mark another range and add it to this draft.
attachments-title = Stills and papers
attachments-none = Nothing is attached.
attachments-locked = The pictures open only with the review key.
attachment-sealed = sealed
attachment-save = Open and save
attachment-remove = Remove { $name }
attachment-kind-still = Stills
attachment-kind-annex = Annex of stills
attachment-kind-scan = Scan
scan-add = Scan of the paper signed on the spot (PDF, JPEG, PNG)
scan-hint = At most 32 MB. It is encrypted in this browser before it is sent.
scan-wrong-kind = Choose a PDF, JPEG or PNG file.
signers-title = Signatories
signers-hint = { $least } to { $most } people, each with an own account and password.
signer-post = Post in the act
signer-who = Person
signer-choose = Choose…
signer-nobody = Nobody else may sign this kind of act
signer-add = Add
signer-remove = Remove { $name }
problems-title = { $count ->
    [one] Before signing: { $count } thing is missing or wrong
   *[other] Before signing: { $count } things are missing or wrong
}
problem-missing = not filled in
problem-too-long = too long
problem-bad-date = not a date
problem-bad-choice = choose one
problem-bad-person = a name and a post for each person
problem-bad-character = contains a character that a document cannot show
problem-repeated = named twice
problem-growing = still being recorded or uploaded
problem-not-held = not kept any more: take it out of the act
problem-still-not-cited = a still shows a moment that is not cited: cite it, or take the still out
problem-too-much-footage = more footage than fits into one evidence bundle: cite less, or draw up a second act
problem-unknown = not in the form
problem-too-few = too few
problem-too-many = too many
problem-other = not right
place-points = Points violated
place-signatories = Signatories
place-evidence = Footage cited
place-capacity = Who draws it up

finish-title = Finish the draft
finish-send = Send for signature
finish-annex = The annex of stills is made, sealed and attached in this browser before the act goes for signature.
discard = Discard the draft…
discard-title = Discard the draft
discard-do = Discard for good
discard-what = Its text, stills and scans are destroyed, its holds end. That cannot be undone.
discard-note = Reason, without names
unlock-first = The review key is needed
unlock-first-why = Pictures and footage are encrypted; only the review key opens them.
step-sign = Sign
step-back-to-draft = Back to draft
step-pass-on = Pass on to the commission
step-cancel-grade = Confirm that the grade is cancelled
step-correct = Correct, supplement or revoke
step-bundle = Make an evidence bundle
step-discard = Discard
sign-lead = You confirm the act as it is shown on this page.
sign-content = Digest of the content:
sign-last = Yours is the last signature: with it the act gets its number and nothing in it can be changed any more.
sign-password = Your password
back-what = The signatures given so far become void.
back-note = Why it goes back
pass-on-lead = The act goes to the commission’s responsible member (10.4).
cancel-grade-lead = Confirm only after the grade has been cancelled in the university’s records.
cancel-grade-when = When it was cancelled
cancel-grade-routing = Document-routing number or order, if any
cancel-grade-do = Confirm
correct-lead = A signed act stays as it is. A new act is drawn up that refers to it.
correct-filled-in = The draft begins with the text of this act; footage that it cites is cited again, except in a revocation.
correct-without-role = The draft begins with the text of this act, without its footage: your role does not cite any. IT staff or the board can add it.
correct-without-late = The time for cancelling a grade from recordings is over: the draft opens with the text of this act, without its footage.
correct-without-gone = The footage that this act cites has expired: the draft opens with the text of this act, without footage.
correct-relation = The new act
relation-corrects = corrects this one
relation-supplements = supplements this one
relation-revokes = revokes this one
bundle-lead = One ZIP file with the cited footage as it was recorded, its keys, signatures, receipts, the act and a playable video. It proves itself without this server.
bundle-receiver = For whom
bundle-receiver-hint = Its making is entered in the act’s log.
seal-for = Encrypted
seal-none = No
seal-keys = For the receiver’s age key
seal-passphrase = With a passphrase
seal-none-hint = Anybody who gets the file can watch the footage: hand it over in person.
seal-keys-hint = Only whoever has the secret key can open it, with any age program. Ask the receiver for the public key; for several receivers, one key a line.
seal-passphrase-hint = Only whoever knows the passphrase can open it, with any age program. At least 12 characters; the university does not keep it.
seal-keys-label = Receiver’s public key
seal-passphrase-label = Passphrase
seal-passphrase-new = Make another
seal-passphrase-once = The passphrase is shown for the last time. Tell it to the receiver by another way than the file: by telephone or in person.
copy = Copy
copied = Copied.
copy-failed = The browser did not copy it. Mark the text and copy it by hand.
bundle-make = Make the bundle
bundle-done = Evidence bundle
bundle-ready = { $files ->
    [one] The bundle is ready: { $files } file, { $mb } MB.
   *[other] The bundle is ready: { $files } files, { $mb } MB.
}
bundle-save-again = Save the file
bundle-check = To check it on any computer:
bundle-open = To open it with an age program:
sheet-decision = Decision
sheet-signatures = Signatures
sheet-signed = Signed
sheet-not-signed = not yet
history-title = What happened
event-drafted = Draft opened
event-signature = Signature
event-signed = The act stands: { $number }
event-passed-on = Passed on to the commission
event-grade-cancelled = Grade cancelled
event-document = Document made
event-bundle = Evidence bundle made
event-other = Entry in the log

refusal-too-late = Too late: the grade could be cancelled until { $date } ({ $rule }).
refusal-incomplete = The act is not complete: see the list above.
refusal-wrong-password = The password is not right.
refusal-content-changed = The act was changed meanwhile. Read it again before you sign.
refusal-changed-meanwhile = Somebody changed the act meanwhile. Look at it and try again.
refusal-wrong-state = The act is no longer in the state for this.
refusal-signed-already = You have already signed this act.
refusal-bad-evidence = The cited footage cannot be used: { $message }
refusal-forbidden = Your role or the state of the act does not allow this.
refusal-too-many-uploads = Too many files are being uploaded at once. Send this one again when another is done.
refusal-upload-stalled = Nothing came for half a minute, so the upload was given up. Send the file again.
refusal-disk-full = The server’s disk is nearly full, so the file was not taken. Tell the IT staff.
progress-keys = Opening keys…
progress-fetching = Fetching…
progress-sealing = Encrypting…
progress-checking = Checking…
progress-video = Making the video…
progress-documents = Making documents…
progress-packing = Packing…
evidence-foreign-key = A key to encrypt to is not certified by the university. Tell an administrator.
evidence-institution = The keys belong to another institution.
evidence-not-recipient = Your review key does not open this.
evidence-expired = The keys of this footage are gone: it has expired or the hold has ended.
evidence-growing = Parts of the range are still being recorded or uploaded. Try again later.
evidence-not-confirmed = The server gave back something else than it was given. Tell an administrator.
evidence-differs = Something differs from what the act names: { $message }
evidence-too-large = The file is larger than 32 MB.
evidence-bundle-too-large = The bundle would be too large: it has at most 400 files and stays below 4 GB.
evidence-empty = The file is empty.
evidence-no-picture = The player shows no picture here.
evidence-font = A font for the annex could not be loaded. Try again.
evidence-recipient = Not an age key: { $message }. Expected: age1 and 58 more letters and digits, exactly as the receiver gave it.
evidence-no-recipient = Enter the receiver’s key.
evidence-secret-key = This is a secret key, which only its owner may have. Ask the receiver for the public key: it begins with age1.
evidence-short-passphrase = The passphrase is too short: at least 12 characters.

holds-title = Holds
holds-none = There are no such holds.
hold-put = Put under hold
hold-put-done = The footage is under hold
hold-state-pending = hold: being set up
hold-state-effective = hold: in force
hold-state-released = released
hold-state-hint = Footage under hold outlives its month until the hold is released. A hold is being set up until a reviewer’s browser has sealed the keys of just the cited segments; till then more is kept than cited.
hold-covers = The hold covers the whole segments of the range and nothing else.
hold-growing = { $count ->
    [one] { $count } segment has not arrived in full; an act names only what has
   *[other] { $count } segments have not arrived in full; an act names only what has
}
hold-over-retention = expired: more is kept than cited until it is sealed
hold-seal = Seal now
hold-needs-key = needs the review key
hold-reason = Reason
hold-reason-act = Act
hold-reason-appeal = Appeal
hold-reason-other = Another reason
hold-note = In words
hold-nothing-left = Nothing of this range can be read any more.
hold-recording = A recording
hold-exam = Exam
hold-range = Range
hold-covered = Covered
hold-segments = { $count ->
    [one] { $count } segment, { $mb } MB
   *[other] { $count } segments, { $mb } MB
}
hold-opened = Opened
hold-released = Released
hold-release = Release the hold
hold-release-what = The ordinary rule acts at once: footage past its month is destroyed.
hold-release-note = Why
released-the-draft-was-discarded = the draft was discarded
released-the-grade-is-cancelled = the grade is cancelled
released-the-act-was-revoked = the act was revoked
released-the-act-was-corrected = the act was corrected
released-the-act-was-passed-on = the act was passed on
released-too-late-to-cancel-the-grade = too late to cancel the grade
released-too-late-to-sign = too late to sign
released-no-longer-cited-by-the-act = no longer cited by the act
hold-needed = An open act needs this hold. Discard or close the act first.

registrar-title = Annulments
registrar-lead = Signed acts for the transcript (1.20).
registrar-from = Signed from
registrar-to = to
registrar-csv = Download CSV
registrar-json = Download JSON
registrar-wrong = Choose two days, the first not after the second.
registrar-count = { $count ->
    [one] { $count } act
   *[other] { $count } acts
}
registrar-number = Act
registrar-student = Student
registrar-exam = Exam
registrar-points = Points
registrar-signed = Signed
registrar-cancelled = Grade cancelled
registrar-not-cancelled = not confirmed
registrar-revoked = revoked by { $number }
registrar-corrected = corrected by { $number }
audit-title = Audit log
audit-lead = Who did what to what, when. Each entry names the digest of the one before; names of people are not in it.
audit-filter = Find
audit-count = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
audit-more = Later entries
audit-number = No.
audit-when = When
audit-who = Who
audit-action = Action
audit-object = What
audit-detail = Details
`;var Lr=`# Актілер, ерекше сақтау, дәлелдемелер. Ұзақтық пен уақыт дайын мәтін болып, сандар сан болып келеді.
nav-title = Бөлімдер
nav-exams = Емтихандар
nav-acts = Актілер
nav-holds = Ерекше сақтау
nav-registrar = Күшін жою тізілімі
nav-audit = Әрекеттер журналы
cancel = Болдырмау
working = Орындалуда…
error-failed = Орындалмады: { $message }
people-title = Студенттер мен аудиториялар
recording-held-only = Сақтау мерзімі бітті. Тек ерекше негізде сақталған бөлігін көруге болады.

collect-title = Актіге арналған дәлелдемелер
collect-mark-in = Басын белгілеу
collect-mark-out = Соңын белгілеу
collect-in = Басы
collect-out = Соңы
collect-clear = Тазарту
collect-too-long = Бір үзінді 2 сағаттан аспауы керек. Оны қысқартыңыз немесе бірнешеуін көрсетіңіз.
collect-still = Кадр алу
collect-stills = { $count } кадр
collect-still-unsigned = Бұл кадрға құрылғы әлі қол қоймаған. Бірнеше секундтан кейін қайталаңыз.
collect-strip = Алынған кадрлар
collect-hint = Көргеніңіздің басы мен соңын белгілеңіз. Кадрлар актіде шифрланғанша осы қойындыда қалады; кілт құлыпталса, олар жойылады.
collect-hint-ready = Үзінді актіге кіреді және бірден ерекше негізде сақтауға алынады.
still-at = Кадр, { $time }
still-remove = Кадрды алып тастау, { $time }
stills-arriving = { $count } кадр шифрланып, актіге қосылуда…
timeline-held-pending = ерекше сақтау: рәсімделуде
timeline-held-effective = ерекше сақтау: күшінде

draw-up = Акт жасау
draw-up-on-the-spot = Сол жерде акт жасау
draw-up-open = Жобаны ашу
draw-up-add = Жобаға қосу
draw-up-kind = Акт түрі
draw-up-whom = Кімге қатысты
draw-up-nobody = Жалпы аудитория
draw-up-choose = Таңдаңыз…
draw-up-into = Қайда қосылады
draw-up-new = Жаңа акт
draw-up-no-form = Сіздің рөліңіз акт жасауға рұқсат бермейді.
draw-up-cites = Көрсетілетін жазба: { $who }, { $from } – { $to }.
draw-up-cites-nothing = Үзінді белгіленбеген; жазбаны кейін көрсетуге болады.
draw-up-stills = { $count } кадр қоса беріледі.
draw-up-hold-hint = Жоба ашылғанда белгіленген үзінді бірден ерекше негізде сақтауға алынады.
draw-up-later-hint = Жазбаны жобаға кейін қарау бетінен қосуға болады.

acts-title = Актілер
acts-none = Мұндай акт жоқ.
acts-count = { $count } акт
acts-own-hint = Өзіңіз жасаған немесе сіз қол қоюға тиіс актілер көрсетілген.
acts-yours-count = { $count } акт сіздің қолыңызды күтуде
acts-yours-show = Көрсету
acts-filter-state = Күйі
acts-filter-kind = Түрі
acts-filter-any-kind = Кез келген
acts-filter-open = Аяқталмаған
acts-filter-yours = Менің қолымды күтуде
acts-filter-all = Барлығы
act-state-draft = жоба
act-state-for-signature = қол қоюда
act-state-signed = қол қойылған
act-state-passed-on = комиссияның жауапты мүшесінде
act-state-grade-cancelled = бағаның күші жойылған
act-state-discarded = жоба алып тасталған
act-state-long-draft = Акт жобасы
act-state-long-for-signature = Актіге қол қойылуда
act-state-long-signed = Актіге қол қойылды: енді өзгертуге болмайды
act-state-long-passed-on = Комиссияның жауапты мүшесіне берілді
act-state-long-grade-cancelled = Бағаның күші жойылды
act-state-long-discarded = Жоба алып тасталды: дербес деректер жойылды
act-no-number = Жоба
act-number-later = Нөмірі әлі жоқ
act-no-form = Бұл актінің «{ $kind }» нысаны серверге белгісіз.
act-language = Мәтін тілі
act-yours = қол қоюыңыз керек
act-revoked = күші жойылған
act-corrected = түзетілген
act-repeated-short = қайталанған: Этика кеңесі
act-repeated = Қайталап бұзу факультеттің Этика жөніндегі кеңесіне беріледі (1.18).
act-earlier = Бұрынғы { $count } акт:
act-open-other = актіні ашу
act-corrects = Бұл акт бұрынғы актіні түзетеді:
act-revokes = Бұл акт бұрынғы актінің күшін жояды:
act-supplements = Бұл акт бұрынғы актіні толықтырады:
act-by-corrects = Кейінгі актімен түзетілген:
act-by-revokes = Кейінгі актімен күші жойылған:
act-by-supplements = Кейінгі актімен толықтырылған:
act-discarded-note = Себебі: { $note }
act-returned = Жобаға қайтарған: { $who }, { $when }. Себебі: { $note }
act-drawn-up = Жасаған: { $who }, { $date }.
act-drawn-up-by = Жасаған: { $who }, { $capacity }
act-signatures = Қойылған қол: { $needed } ішінен { $given }.
act-staff-access = Қызметкерлер туралы баянхатты тек құқығы барлар көреді.
act-document = Құжат:
act-preview = Жобаны құжат түрінде көру:
act-check-page = Тексеру беті
countdown-left = { $days } күн { $hours } сағ қалды
countdown-minutes = { $minutes } мин қалды
countdown-over = мерзімі өтті
countdown-until = Бағаның күшін { $until } дейін жоюға болады. Жоба емес, расталған күшін жою есептеледі.
countdown-was = Бағаның күшін { $until } дейін жоюға болатын еді.

save-saved = Сақталды
save-waiting = Әлі сақталмаған
save-saving = Сақталуда…
save-offline = Байланыс жоқ: мәтін осында тұр, сервер жауап бергенде сақталады
save-signed-out = Сеанс аяқталды: мәтін қайта кіргенше осында тұрады
save-conflict = Сәйкессіздік: төменнен таңдаңыз
save-refused = Сервер мұны қабылдамайды:
save-closed = Жобаны басқа адам жапқан
save-now = Қазір сақтау
draft-not-saved = Алдымен бәрі сақталуы керек; жоғарыдағы күйге қараңыз.
draft-leave = Енгізгеніңіздің бір бөлігі әлі сақталмаған. Бәрібір шығасыз ба?
draft-taken = Осы уақытта басқа адам өзгертті, қабылданды: { $fields }.
draft-stranded = Енгізген мәтініңізді жобаға қосу енді мүмкін емес. Шықпас бұрын көшіріп алыңыз.
draft-stranded-text = Сіздің мәтініңіз
draft-stranded-done = Енді керек емес
draft-unsaved-elsewhere = { $count } жобада сақталмаған мәтін бар:
clash-title = Екі адам бір нәрсені өзгертті
clash-lead = Ештеңе өшірілген жоқ. Әрқайсысы үшін қайсысы қалатынын таңдаңыз.
clash-mine = Сіздің нұсқаңыз
clash-theirs = Екінші нұсқа
clash-keep-mine = Өзіңіздікін қалдыру
clash-take-theirs = Екіншісін алу
clash-keep-both = Екеуін де қатар қалдыру
clash-empty = (бос)
clash-language = Мәтін тілі
clash-capacity = Қандай мәртебеде
clash-points = Бұзылған тармақтар
clash-evidence = Бейнежазбалар
clash-signatories = Қол қоюшылар
clash-post = Лауазымы: { $login }
clash-other = Актінің басқа бөлігі

field-required = міндетті
field-chars = { $most } таңбадан { $used }
answer-yes = Иә
answer-no = Жоқ
person-name = Аты-жөні, { $number }-жол
person-post = Лауазымы, { $number }-жол
person-name-short = Аты-жөні
person-post-short = Лауазымы
person-add = Адам қосу
person-remove = { $number }-жолды алып тастау
drawn-up-title = Кім жасайды
drawn-up-capacity = { $name } актіні мына мәртебеде жасайды
points-title = Қағидалардың бұзылған тармақтары
aids-title = Рұқсат етілген, бұзушылық емес
evidence-title = Акт сілтеме жасайтын бейнежазбалар
evidence-none = Бейнежазба көрсетілмеген.
evidence-watch = Қарау
evidence-remove = { $range } алып тастау
evidence-add = Қарау бетін ашу
evidence-add-hint = — тағы бір үзіндіні белгілеп, осы жобаға қосу үшін.
attachments-title = Кадрлар мен қағаздар
attachments-none = Ештеңе қоса берілмеген.
attachments-locked = Кадрлар тек қарау кілтімен ашылады.
attachment-sealed = шифрланған
attachment-save = Ашып, сақтау
attachment-remove = { $name } алып тастау
attachment-kind-still = Кадрлар
attachment-kind-annex = Кадрлар қосымшасы
attachment-kind-scan = Скан
scan-add = Сол жерде қол қойылған қағаз актінің сканы (PDF, JPEG, PNG)
scan-hint = 32 МБ-тан аспайды. Жіберілмес бұрын осы браузерде шифрланады.
scan-wrong-kind = PDF, JPEG немесе PNG файлын таңдаңыз.
signers-title = Қол қоюшылар
signers-hint = { $least }–{ $most } адам, әрқайсысы өз тіркелгісі мен құпиясөзімен.
signer-post = Актідегі лауазымы
signer-who = Кім
signer-choose = Таңдаңыз…
signer-nobody = Бұл актіге басқа ешкім қол қоя алмайды
signer-add = Қосу
signer-remove = Алып тастау: { $name }
problems-title = Қол қоюға дейін: жетпейтіні не қатесі — { $count }
problem-missing = толтырылмаған
problem-too-long = тым ұзын
problem-bad-date = күн емес
problem-bad-choice = нұсқаны таңдаңыз
problem-bad-person = әр адамның аты-жөні мен лауазымы керек
problem-bad-character = құжатта көрсетуге болмайтын таңба бар
problem-repeated = екі рет көрсетілген
problem-growing = әлі жазылып немесе жіберіліп жатыр
problem-not-held = енді сақталмайды: актіден алып тастаңыз
problem-still-not-cited = кадр көрсетілген үзінділерден тыс алынған: оның уақытын көрсетіңіз немесе кадрды алып тастаңыз
problem-too-much-footage = көрсетілген жазбалар бір дәлелдемелер пакетіне сыймайды: азырақ көрсетіңіз немесе екінші акт жасаңыз
problem-unknown = нысанда жоқ
problem-too-few = тым аз
problem-too-many = тым көп
problem-other = дұрыс емес
place-points = Бұзылған тармақтар
place-signatories = Қол қоюшылар
place-evidence = Бейнежазбалар
place-capacity = Кім жасайды

finish-title = Жобаны аяқтау
finish-send = Қол қоюға жіберу
finish-annex = Кадрлар қосымшасы қол қоюға жіберілмес бұрын осы браузерде жасалып, шифрланып, қоса тіркеледі.
discard = Жобаны алып тастау…
discard-title = Жобаны алып тастау
discard-do = Біржола алып тастау
discard-what = Мәтіні, кадрлары мен скандары жойылады, ерекше сақтау тоқтатылады. Мұны қайтаруға болмайды.
discard-note = Себебі, аты-жөнсіз
unlock-first = Қарау кілті керек
unlock-first-why = Кадрлар мен жазбалар шифрланған, оларды тек қарау кілті ашады.
step-sign = Қол қою
step-back-to-draft = Жобаға қайтару
step-pass-on = Комиссияға беру
step-cancel-grade = Бағаның күші жойылғанын растау
step-correct = Түзету, толықтыру немесе күшін жою
step-bundle = Дәлелдемелер пакетін жасау
step-discard = Алып тастау
sign-lead = Сіз актіні осы бетте көрсетілген күйінде растайсыз.
sign-content = Мазмұн дайджесі:
sign-last = Сіздің қолыңыз соңғысы: содан кейін акт нөмір алады және оны өзгертуге болмайды.
sign-password = Сіздің құпиясөзіңіз
back-what = Қойылған қолдардың күші жойылады.
back-note = Неліктен қайтарылады
pass-on-lead = Акт комиссияның жауапты мүшесіне беріледі (10.4).
cancel-grade-lead = Бағаның күші университет деректерінде жойылғаннан кейін ғана растаңыз.
cancel-grade-when = Қашан жойылды
cancel-grade-routing = Құжат айналымындағы нөмірі немесе бұйрық, болса
cancel-grade-do = Растау
correct-lead = Қол қойылған акт өзгермейді. Оған сілтеме жасайтын жаңа акт жасалады.
correct-filled-in = Жоба осы актінің мәтінімен басталады; актінің күшін жоюдан басқа жағдайда онда көрсетілген жазба жобада да көрсетіледі.
correct-without-role = Жоба осы актінің мәтінімен, бірақ жазбасыз басталады: рөліңіз жазбаны көрсетуге құқық бермейді. Жазбаны АТ қызметкерлері немесе комиссия қоса алады.
correct-without-late = Бейнежазбалар бойынша бағаның күшін жою мерзімі өтті: жоба осы актінің мәтінімен, бірақ жазбасыз ашылады.
correct-without-gone = Осы актіде көрсетілген жазбаның сақтау мерзімі өтті: жоба осы актінің мәтінімен, бірақ жазбасыз ашылады.
correct-relation = Жаңа акт
relation-corrects = осы актіні түзетеді
relation-supplements = осы актіні толықтырады
relation-revokes = осы актінің күшін жояды
bundle-lead = Бір ZIP файл: көрсетілген жазбалар бастапқы күйінде, кілттері, қолтаңбалары, түбіртектері, акт және көруге арналған бейне. Осы серверсіз тексеріледі.
bundle-receiver = Кімге арналған
bundle-receiver-hint = Жасалғаны акт журналына енгізіледі.
seal-for = Шифрлау
seal-none = Жоқ
seal-keys = Алушының age кілтімен
seal-passphrase = Құпия фразамен
seal-none-hint = Файл кімнің қолына түссе, жазбаны сол көре алады: қолма-қол беріңіз.
seal-keys-hint = Құпия кілттің иесі ғана кез келген age бағдарламасымен аша алады. Алушыдан ашық кілтін сұраңыз; алушылар бірнешеу болса, әр жолға бір кілт жазыңыз.
seal-passphrase-hint = Фразаны білетін адам ғана кез келген age бағдарламасымен аша алады. Кемінде 12 таңба; университет оны сақтамайды.
seal-keys-label = Алушының ашық кілті
seal-passphrase-label = Құпия фраза
seal-passphrase-new = Басқасын жасау
seal-passphrase-once = Фраза соңғы рет көрсетіліп тұр. Оны алушыға файлдан бөлек жеткізіңіз: телефонмен немесе жүздесіп.
copy = Көшіру
copied = Көшірілді.
copy-failed = Браузер көшірмеді. Мәтінді белгілеп, қолмен көшіріңіз.
bundle-make = Пакетті жасау
bundle-done = Дәлелдемелер пакеті
bundle-ready = Пакет дайын: { $files } файл, { $mb } МБ.
bundle-save-again = Файлды сақтау
bundle-check = Кез келген компьютерде тексеру:
bundle-open = age бағдарламасымен ашу:
sheet-decision = Шешім
sheet-signatures = Қолдар
sheet-signed = Қол қойылды
sheet-not-signed = әлі жоқ
history-title = Оқиғалар барысы
event-drafted = Жоба ашылды
event-signature = Қол қойылды
event-signed = Актіге бәрі қол қойды: { $number }
event-passed-on = Комиссияға берілді
event-grade-cancelled = Бағаның күші жойылды
event-document = Құжат жасалды
event-bundle = Дәлелдемелер пакеті жасалды
event-other = Журналдағы жазба

refusal-too-late = Мерзімі өтті: бағаның күшін { $date } дейін жоюға болатын еді ({ $rule }).
refusal-incomplete = Акт толық емес: жоғарыдағы тізімді қараңыз.
refusal-wrong-password = Құпиясөз қате.
refusal-content-changed = Акт осы уақытта өзгертілді. Қол қоймас бұрын қайта оқыңыз.
refusal-changed-meanwhile = Актіні осы уақытта басқа адам өзгертті. Қарап, қайталаңыз.
refusal-wrong-state = Акт енді басқа күйде.
refusal-signed-already = Сіз бұл актіге қол қойғансыз.
refusal-bad-evidence = Көрсетілген жазбаны пайдалануға болмайды: { $message }
refusal-forbidden = Рөліңіз немесе актінің күйі бұған жол бермейді.
refusal-too-many-uploads = Бір мезгілде тым көп файл жіберілуде. Басқасы аяқталғанда осыны қайта жіберіңіз.
refusal-upload-stalled = Жарты минут ештеңе келмеді, жіберу тоқтатылды. Файлды қайта жіберіңіз.
refusal-disk-full = Сервердің дискісі толуға жақын, файл қабылданбады. АТ қызметкерлеріне хабарлаңыз.
progress-keys = Кілттер ашылуда…
progress-fetching = Жүктелуде…
progress-sealing = Шифрлануда…
progress-checking = Тексерілуде…
progress-video = Бейне жасалуда…
progress-documents = Құжаттар жасалуда…
progress-packing = Жинақталуда…
evidence-foreign-key = Шифрлау кілтін университет растамаған. Әкімшіге хабарлаңыз.
evidence-institution = Кілттер басқа университетке тиесілі.
evidence-not-recipient = Қарау кілтіңіз мұны ашпайды.
evidence-expired = Бұл жазбаның кілттері жоқ: мерзімі бітті немесе ерекше сақтау аяқталды.
evidence-growing = Үзіндінің бір бөлігі әлі жазылып немесе жіберіліп жатыр. Кейін қайталаңыз.
evidence-not-confirmed = Сервер алғанынан басқаны қайтарды. Әкімшіге хабарлаңыз.
evidence-differs = Актіде көрсетілгеннен айырмашылық бар: { $message }
evidence-too-large = Файл 32 МБ-тан үлкен.
evidence-bundle-too-large = Пакет тым үлкен болар еді: онда ең көбі 400 файл болады және көлемі 4 ГБ-тан аз.
evidence-empty = Файл бос.
evidence-no-picture = Мұнда кескін жоқ.
evidence-font = Қосымшаға қаріп жүктелмеді. Қайталаңыз.
evidence-recipient = age кілті емес: { $message }. age1 және тағы 58 әріп пен цифр керек, дәл алушы бергендей.
evidence-no-recipient = Алушының кілтін енгізіңіз.
evidence-secret-key = Бұл — құпия кілт, ол тек иесінде болуы тиіс. Алушыдан ашық кілтін сұраңыз: ол age1 деп басталады.
evidence-short-passphrase = Фраза тым қысқа: кемінде 12 таңба керек.

holds-title = Ерекше негізде сақтау
holds-none = Мұндай жазба жоқ.
hold-put = Ерекше сақтауға алу
hold-put-done = Жазба ерекше сақтауға алынды
hold-state-pending = рәсімделуде
hold-state-effective = күшінде
hold-state-released = тоқтатылған
hold-state-hint = Ерекше сақтаудағы жазба сақтау тоқтатылғанша бір айдан кейін де жойылмайды. Қарау кілті бар браузер дәл көрсетілген сегменттердің кілттерін шифрлағанша ол рәсімделуде болады; оған дейін көрсетілгеннен көбірек сақталады.
hold-covers = Үзіндінің тұтас сегменттері ғана сақталады.
hold-growing = { $count } сегмент толық келген жоқ; актіде тек келгені көрсетіледі
hold-over-retention = мерзімі бітті: рәсімделгенше көрсетілгеннен көбірек сақталады
hold-seal = Қазір рәсімдеу
hold-needs-key = қарау кілті керек
hold-reason = Негізі
hold-reason-act = Акт
hold-reason-appeal = Апелляция
hold-reason-other = Өзге негіз
hold-note = Түсіндірме
hold-nothing-left = Бұл үзіндіден енді ештеңе оқылмайды.
hold-recording = Жазба
hold-exam = Емтихан
hold-range = Үзінді
hold-covered = Сақталатыны
hold-segments = { $count } сегмент, { $mb } МБ
hold-opened = Басталды
hold-released = Тоқтатылды
hold-release = Сақтауды тоқтату
hold-release-what = Бірден әдеттегі ереже әрекет етеді: айы өткен жазба жойылады.
hold-release-note = Себебі
released-the-draft-was-discarded = жоба алып тасталды
released-the-grade-is-cancelled = бағаның күші жойылды
released-the-act-was-revoked = актінің күші жойылды
released-the-act-was-corrected = акт түзетілді
released-the-act-was-passed-on = акт тапсырылды
released-too-late-to-cancel-the-grade = бағаның күшін жою мерзімі өтті
released-too-late-to-sign = қол қою мерзімі өтті
released-no-longer-cited-by-the-act = акт жазбаға енді сілтеме жасамайды
hold-needed = Бұл сақтау аяқталмаған актіге керек. Алдымен актіні алып тастаңыз немесе аяқтаңыз.

registrar-title = Күшін жою тізілімі
registrar-lead = Транскриптке арналған қол қойылған актілер (1.20).
registrar-from = Қол қойылған күні:
registrar-to = –
registrar-csv = CSV жүктеп алу
registrar-json = JSON жүктеп алу
registrar-wrong = Екі күнді көрсетіңіз: біріншісі екіншісінен кеш болмасын.
registrar-count = { $count } акт
registrar-number = Акт
registrar-student = Студент
registrar-exam = Емтихан
registrar-points = Тармақтар
registrar-signed = Қол қойылды
registrar-cancelled = Бағаның күші жойылды
registrar-not-cancelled = расталмаған
registrar-revoked = { $number } актісімен күші жойылған
registrar-corrected = { $number } актісімен түзетілген
audit-title = Әрекеттер журналы
audit-lead = Кім, нені, қашан жасады. Әр жазбада алдыңғысының дайджесі бар; журналда адам аты жазылмайды.
audit-filter = Іздеу
audit-count = { $count } жазба
audit-more = Кейінгі жазбалар
audit-number = №
audit-when = Қашан
audit-who = Кім
audit-action = Әрекет
audit-object = Нысан
audit-detail = Толығырақ
`;var Nr=`# Акты, особое хранение, доказательства. Длительности и время приходят готовым текстом, числа — числами.
nav-title = Разделы
nav-exams = Экзамены
nav-acts = Акты
nav-holds = Особое хранение
nav-registrar = Реестр аннулирований
nav-audit = Журнал действий
cancel = Отмена
working = Выполняется…
error-failed = Не получилось: { $message }
people-title = Студенты и аудитории
recording-held-only = Срок хранения истёк. Доступно только то, что хранится по особому основанию.

collect-title = Доказательства для акта
collect-mark-in = Отметить начало
collect-mark-out = Отметить конец
collect-in = Начало
collect-out = Конец
collect-clear = Сбросить
collect-too-long = Один отрезок — не более 2 часов. Сократите его или укажите несколько.
collect-still = Снять кадр
collect-stills = { $count ->
    [one] { $count } кадр
    [few] { $count } кадра
   *[other] { $count } кадров
}
collect-still-unsigned = Этот кадр ещё не подписан устройством. Повторите через несколько секунд.
collect-strip = Снятые кадры
collect-hint = Отметьте начало и конец увиденного. Кадры остаются в этой вкладке, пока не будут зашифрованы в акте; при блокировке ключа они удаляются.
collect-hint-ready = Отрезок войдёт в акт и сразу будет взят на хранение по особому основанию.
still-at = Кадр, { $time }
still-remove = Удалить кадр, { $time }
stills-arriving = { $count ->
    [one] Зашифровывается и прикладывается { $count } кадр…
    [few] Зашифровываются и прикладываются { $count } кадра…
   *[other] Зашифровываются и прикладываются { $count } кадров…
}
timeline-held-pending = особое хранение: оформляется
timeline-held-effective = особое хранение: действует

draw-up = Составить акт
draw-up-on-the-spot = Составить акт на месте
draw-up-open = Открыть проект
draw-up-add = Добавить в проект
draw-up-kind = Вид акта
draw-up-whom = В отношении кого
draw-up-nobody = Аудитория в целом
draw-up-choose = Выберите…
draw-up-into = Куда добавить
draw-up-new = Новый акт
draw-up-no-form = Ваша роль не даёт права составлять акты.
draw-up-cites = Указывается запись: { $who }, { $from } – { $to }.
draw-up-cites-nothing = Отрезок не отмечен; запись можно указать позже.
draw-up-stills = { $count ->
    [one] Будет приложен { $count } кадр.
    [few] Будут приложены { $count } кадра.
   *[other] Будет приложено { $count } кадров.
}
draw-up-hold-hint = При открытии проекта отмеченный отрезок сразу берётся на хранение по особому основанию.
draw-up-later-hint = Запись можно добавить в проект позже, из окна просмотра.

acts-title = Акты
acts-none = Таких актов нет.
acts-count = { $count ->
    [one] { $count } акт
    [few] { $count } акта
   *[other] { $count } актов
}
acts-own-hint = Показаны акты, которые составили вы или которые вам нужно подписать.
acts-yours-count = { $count ->
    [one] { $count } акт ждёт вашей подписи
    [few] { $count } акта ждут вашей подписи
   *[other] { $count } актов ждут вашей подписи
}
acts-yours-show = Показать
acts-filter-state = Состояние
acts-filter-kind = Вид
acts-filter-any-kind = Любой
acts-filter-open = Незавершённые
acts-filter-yours = Ждут моей подписи
acts-filter-all = Все
act-state-draft = проект
act-state-for-signature = на подписи
act-state-signed = подписан
act-state-passed-on = у ответственного члена комиссии
act-state-grade-cancelled = оценка аннулирована
act-state-discarded = проект снят
act-state-long-draft = Проект акта
act-state-long-for-signature = Акт на подписи
act-state-long-signed = Акт подписан: изменить его нельзя
act-state-long-passed-on = Передан ответственному члену комиссии
act-state-long-grade-cancelled = Оценка аннулирована
act-state-long-discarded = Проект снят: персональные данные уничтожены
act-no-number = Проект
act-number-later = Номера ещё нет
act-no-form = Форма «{ $kind }» этого акта серверу неизвестна.
act-language = Язык текста
act-yours = нужна ваша подпись
act-revoked = отменён
act-corrected = исправлен
act-repeated-short = повторно: Совет по этике
act-repeated = Повторное нарушение передаётся в Совет факультета по этике (1.18).
act-earlier = { $count ->
    [one] { $count } прежний акт:
    [few] { $count } прежних акта:
   *[other] { $count } прежних актов:
}
act-open-other = открыть акт
act-corrects = Этот акт исправляет прежний:
act-revokes = Этот акт отменяет прежний:
act-supplements = Этот акт дополняет прежний:
act-by-corrects = Исправлен более поздним актом:
act-by-revokes = Отменён более поздним актом:
act-by-supplements = Дополнен более поздним актом:
act-discarded-note = Причина: { $note }
act-returned = Возвращено в проект: { $who }, { $when }. Причина: { $note }
act-drawn-up = Составил(а): { $who }, { $date }.
act-drawn-up-by = Составил(а): { $who }, { $capacity }
act-signatures = Подписей: { $given } из { $needed }.
act-staff-access = Докладные о сотрудниках видят только те, кому это положено.
act-document = Документ:
act-preview = Посмотреть проект как документ:
act-check-page = Страница проверки
countdown-left = осталось { $days } дн. { $hours } ч
countdown-minutes = осталось { $minutes } мин
countdown-over = срок истёк
countdown-until = Оценку можно аннулировать до { $until }. Засчитывается подтверждённое аннулирование, а не проект.
countdown-was = Оценку можно было аннулировать до { $until }.

save-saved = Сохранено
save-waiting = Ещё не сохранено
save-saving = Сохраняется…
save-offline = Нет связи: текст остаётся здесь и сохранится, когда сервер ответит
save-signed-out = Сеанс завершён: текст остаётся здесь до повторного входа
save-conflict = Расхождение: выберите ниже
save-refused = Сервер этого не принимает:
save-closed = Проект закрыт другим человеком
save-now = Сохранить сейчас
draft-not-saved = Сначала всё должно быть сохранено; см. состояние вверху.
draft-leave = Часть введённого ещё не сохранена. Всё равно выйти?
draft-taken = Тем временем изменено другим человеком и принято: { $fields }.
draft-stranded = То, что вы ввели, уже нельзя внести в проект. Скопируйте текст, прежде чем уйти.
draft-stranded-text = Ваш текст
draft-stranded-done = Больше не нужно
draft-unsaved-elsewhere = { $count ->
    [one] Не всё сохранено в { $count } проекте:
    [few] Не всё сохранено в { $count } проектах:
   *[other] Не всё сохранено в { $count } проектах:
}
clash-title = Двое изменили одно и то же
clash-lead = Ничего не перезаписано. Для каждого выберите, что останется.
clash-mine = Ваш вариант
clash-theirs = Другой вариант
clash-keep-mine = Оставить ваш
clash-take-theirs = Взять другой
clash-keep-both = Оставить оба подряд
clash-empty = (пусто)
clash-language = Язык текста
clash-capacity = В каком качестве
clash-points = Нарушенные пункты
clash-evidence = Видеозаписи
clash-signatories = Подписывающие
clash-post = Должность: { $login }
clash-other = Другая часть акта

field-required = обязательно
field-chars = { $used } из { $most } знаков
answer-yes = Да
answer-no = Нет
person-name = Имя, строка { $number }
person-post = Должность, строка { $number }
person-name-short = Фамилия, имя
person-post-short = Должность
person-add = Добавить человека
person-remove = Удалить строку { $number }
drawn-up-title = Кто составляет
drawn-up-capacity = { $name } составляет акт как
points-title = Нарушенные пункты Правил
aids-title = Разрешено, не является нарушением
evidence-title = Видеозаписи, на которые ссылается акт
evidence-none = Видеозаписи не указаны.
evidence-watch = Смотреть
evidence-remove = Убрать { $range }
evidence-add = Открыть просмотр
evidence-add-hint = чтобы отметить ещё отрезок и добавить его в этот проект.
attachments-title = Кадры и бумаги
attachments-none = Ничего не приложено.
attachments-locked = Кадры открываются только ключом просмотра.
attachment-sealed = зашифровано
attachment-save = Открыть и сохранить
attachment-remove = Удалить { $name }
attachment-kind-still = Кадры
attachment-kind-annex = Приложение с кадрами
attachment-kind-scan = Скан
scan-add = Скан бумажного акта, подписанного на месте (PDF, JPEG, PNG)
scan-hint = Не более 32 МБ. Шифруется в этом браузере до отправки.
scan-wrong-kind = Выберите файл PDF, JPEG или PNG.
signers-title = Подписывающие
signers-hint = От { $least } до { $most } человек, каждый — под своей учётной записью и паролем.
signer-post = Должность в акте
signer-who = Кто
signer-choose = Выберите…
signer-nobody = Больше никто не вправе подписать этот акт
signer-add = Добавить
signer-remove = Убрать: { $name }
problems-title = { $count ->
    [one] До подписания: не хватает или неверно — { $count }
    [few] До подписания: не хватает или неверно — { $count }
   *[other] До подписания: не хватает или неверно — { $count }
}
problem-missing = не заполнено
problem-too-long = слишком длинно
problem-bad-date = не дата
problem-bad-choice = выберите вариант
problem-bad-person = у каждого нужны имя и должность
problem-bad-character = есть знак, который нельзя показать в документе
problem-repeated = указано дважды
problem-growing = ещё записывается или передаётся
problem-not-held = больше не хранится: уберите из акта
problem-still-not-cited = кадр снят вне указанных отрезков: укажите его время или уберите кадр
problem-too-much-footage = указанные записи не помещаются в один пакет доказательств: укажите меньше или составьте второй акт
problem-unknown = нет в форме
problem-too-few = слишком мало
problem-too-many = слишком много
problem-other = неверно
place-points = Нарушенные пункты
place-signatories = Подписывающие
place-evidence = Видеозаписи
place-capacity = Кто составляет

finish-title = Завершить проект
finish-send = Отправить на подпись
finish-annex = Приложение с кадрами создаётся, шифруется и прикладывается в этом браузере перед отправкой на подпись.
discard = Снять проект…
discard-title = Снять проект
discard-do = Снять навсегда
discard-what = Текст, кадры и сканы уничтожаются, особое хранение прекращается. Отменить это нельзя.
discard-note = Причина, без имён
unlock-first = Нужен ключ просмотра
unlock-first-why = Кадры и записи зашифрованы, их открывает только ключ просмотра.
step-sign = Подписать
step-back-to-draft = Вернуть в проект
step-pass-on = Передать в комиссию
step-cancel-grade = Подтвердить аннулирование оценки
step-correct = Исправить, дополнить или отменить
step-bundle = Сделать пакет доказательств
step-discard = Снять
sign-lead = Вы подтверждаете акт в том виде, как он показан на этой странице.
sign-content = Дайджест содержания:
sign-last = Ваша подпись последняя: с ней акт получит номер, и изменить его будет нельзя.
sign-password = Ваш пароль
back-what = Уже поставленные подписи теряют силу.
back-note = Почему возвращается
pass-on-lead = Акт передаётся ответственному члену комиссии (10.4).
cancel-grade-lead = Подтверждайте только после того, как оценка аннулирована в учётных данных университета.
cancel-grade-when = Когда аннулирована
cancel-grade-routing = Номер в документообороте или приказ, если есть
cancel-grade-do = Подтвердить
correct-lead = Подписанный акт не меняется. Составляется новый акт со ссылкой на него.
correct-filled-in = Проект начинается с текста этого акта; указанная в нём запись указывается и в проекте, кроме отмены акта.
correct-without-role = Проект начинается с текста этого акта, но без записи: ваша роль не даёт права её указывать. Добавить запись могут сотрудники ИТ или комиссия.
correct-without-late = Срок аннулирования оценки по видеозаписям истёк: проект открывается с текстом этого акта, но без записи.
correct-without-gone = Срок хранения записи, указанной в этом акте, истёк: проект открывается с текстом этого акта, но без записи.
correct-relation = Новый акт
relation-corrects = исправляет этот
relation-supplements = дополняет этот
relation-revokes = отменяет этот
bundle-lead = Один ZIP-файл: указанные записи в исходном виде, их ключи, подписи, квитанции, акт и видео для просмотра. Проверяется без этого сервера.
bundle-receiver = Для кого
bundle-receiver-hint = Создание вносится в журнал акта.
seal-for = Шифрование
seal-none = Нет
seal-keys = Для ключа age получателя
seal-passphrase = Парольной фразой
seal-none-hint = Запись сможет посмотреть любой, у кого окажется файл: передавайте лично.
seal-keys-hint = Откроет только владелец секретного ключа, любой программой age. Попросите у получателя открытый ключ; если получателей несколько — по одному ключу в строке.
seal-passphrase-hint = Откроет только тот, кто знает фразу, любой программой age. Не менее 12 знаков; университет её не хранит.
seal-keys-label = Открытый ключ получателя
seal-passphrase-label = Парольная фраза
seal-passphrase-new = Создать другую
seal-passphrase-once = Фраза показана в последний раз. Сообщите её получателю отдельно от файла: по телефону или лично.
copy = Копировать
copied = Скопировано.
copy-failed = Браузер не скопировал. Выделите текст и скопируйте вручную.
bundle-make = Сделать пакет
bundle-done = Пакет доказательств
bundle-ready = { $files ->
    [one] Пакет готов: { $files } файл, { $mb } МБ.
    [few] Пакет готов: { $files } файла, { $mb } МБ.
   *[other] Пакет готов: { $files } файлов, { $mb } МБ.
}
bundle-save-again = Сохранить файл
bundle-check = Проверить на любом компьютере:
bundle-open = Открыть программой age:
sheet-decision = Решение
sheet-signatures = Подписи
sheet-signed = Подписано
sheet-not-signed = ещё нет
history-title = Ход событий
event-drafted = Открыт проект
event-signature = Подпись
event-signed = Акт подписан всеми: { $number }
event-passed-on = Передан в комиссию
event-grade-cancelled = Оценка аннулирована
event-document = Создан документ
event-bundle = Создан пакет доказательств
event-other = Запись в журнале

refusal-too-late = Срок истёк: оценку можно было аннулировать до { $date } ({ $rule }).
refusal-incomplete = Акт заполнен не полностью: см. список выше.
refusal-wrong-password = Неверный пароль.
refusal-content-changed = Акт тем временем изменён. Прочитайте его снова, прежде чем подписать.
refusal-changed-meanwhile = Акт тем временем изменил другой человек. Посмотрите и повторите.
refusal-wrong-state = Акт уже в другом состоянии.
refusal-signed-already = Вы уже подписали этот акт.
refusal-bad-evidence = Указанную запись использовать нельзя: { $message }
refusal-forbidden = Ваша роль или состояние акта этого не допускают.
refusal-too-many-uploads = Одновременно передаётся слишком много файлов. Отправьте этот ещё раз, когда закончится другой.
refusal-upload-stalled = Полминуты ничего не поступало, передача прекращена. Отправьте файл ещё раз.
refusal-disk-full = Диск сервера почти заполнен, файл не принят. Сообщите сотрудникам ИТ.
progress-keys = Открываем ключи…
progress-fetching = Загрузка…
progress-sealing = Шифрование…
progress-checking = Проверка…
progress-video = Создание видео…
progress-documents = Создание документов…
progress-packing = Упаковка…
evidence-foreign-key = Ключ для шифрования не заверен университетом. Сообщите администратору.
evidence-institution = Ключи принадлежат другому университету.
evidence-not-recipient = Ваш ключ просмотра этого не открывает.
evidence-expired = Ключей этой записи больше нет: истёк срок или закончилось особое хранение.
evidence-growing = Часть отрезка ещё записывается или передаётся. Повторите позже.
evidence-not-confirmed = Сервер вернул не то, что получил. Сообщите администратору.
evidence-differs = Есть отличие от того, что указано в акте: { $message }
evidence-too-large = Файл больше 32 МБ.
evidence-bundle-too-large = Пакет был бы слишком велик: в нём не более 400 файлов, а размер меньше 4 ГБ.
evidence-empty = Файл пуст.
evidence-no-picture = Здесь нет изображения.
evidence-font = Не удалось загрузить шрифт для приложения. Повторите.
evidence-recipient = Не ключ age: { $message }. Ожидается age1 и ещё 58 букв и цифр, точно как дал получатель.
evidence-no-recipient = Введите ключ получателя.
evidence-secret-key = Это секретный ключ, он должен быть только у владельца. Попросите у получателя открытый ключ: он начинается с age1.
evidence-short-passphrase = Фраза слишком короткая: нужно не менее 12 знаков.

holds-title = Хранение по особому основанию
holds-none = Таких записей нет.
hold-put = Взять на особое хранение
hold-put-done = Запись взята на особое хранение
hold-state-pending = оформляется
hold-state-effective = действует
hold-state-released = прекращено
hold-state-hint = Запись на особом хранении не удаляется через месяц, пока хранение не прекращено. Оно оформляется, пока браузер с ключом просмотра не зашифрует ключи именно указанных сегментов; до этого хранится больше, чем указано.
hold-covers = Хранятся целые сегменты отрезка и ничего больше.
hold-growing = { $count ->
    [one] { $count } сегмент получен не полностью; в акте указывается только полученное
    [few] { $count } сегмента получены не полностью; в акте указывается только полученное
   *[other] { $count } сегментов получены не полностью; в акте указывается только полученное
}
hold-over-retention = срок истёк: до оформления хранится больше, чем указано
hold-seal = Оформить сейчас
hold-needs-key = нужен ключ просмотра
hold-reason = Основание
hold-reason-act = Акт
hold-reason-appeal = Апелляция
hold-reason-other = Иное основание
hold-note = Пояснение
hold-nothing-left = В этом отрезке больше нечего прочитать.
hold-recording = Запись
hold-exam = Экзамен
hold-range = Отрезок
hold-covered = Хранится
hold-segments = { $count ->
    [one] { $count } сегмент, { $mb } МБ
    [few] { $count } сегмента, { $mb } МБ
   *[other] { $count } сегментов, { $mb } МБ
}
hold-opened = Начато
hold-released = Прекращено
hold-release = Прекратить хранение
hold-release-what = Сразу действует обычное правило: запись старше месяца уничтожается.
hold-release-note = Почему
released-the-draft-was-discarded = проект снят
released-the-grade-is-cancelled = оценка аннулирована
released-the-act-was-revoked = акт отменён
released-the-act-was-corrected = акт исправлен
released-the-act-was-passed-on = акт передан
released-too-late-to-cancel-the-grade = срок аннулирования оценки истёк
released-too-late-to-sign = срок подписания истёк
released-no-longer-cited-by-the-act = акт больше не ссылается на запись
hold-needed = Это хранение нужно незавершённому акту. Сначала снимите или завершите акт.

registrar-title = Реестр аннулирований
registrar-lead = Подписанные акты для транскрипта (1.20).
registrar-from = Подписаны с
registrar-to = по
registrar-csv = Скачать CSV
registrar-json = Скачать JSON
registrar-wrong = Укажите два дня: первый не позже второго.
registrar-count = { $count ->
    [one] { $count } акт
    [few] { $count } акта
   *[other] { $count } актов
}
registrar-number = Акт
registrar-student = Студент
registrar-exam = Экзамен
registrar-points = Пункты
registrar-signed = Подписан
registrar-cancelled = Оценка аннулирована
registrar-not-cancelled = не подтверждено
registrar-revoked = отменён актом { $number }
registrar-corrected = исправлен актом { $number }
audit-title = Журнал действий
audit-lead = Кто, что, с чем и когда сделал. Каждая запись содержит дайджест предыдущей; имён людей в журнале нет.
audit-filter = Найти
audit-count = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
audit-more = Более поздние записи
audit-number = №
audit-when = Когда
audit-who = Кто
audit-action = Действие
audit-object = Объект
audit-detail = Подробности
`;var Vr=`# Review page. Lengths and times arrive as ready text; numbers as numbers.
app-name = Invigil
app-title = Exam footage review
skip-to-content = Skip to content
language = Language
loading = Loading…
back = Back
close = Close
retry = Try again
sign-out = Sign out
signed-in-as = Signed in: { $name }, { $role }
role-reviewer = reviewer
role-board = board member
role-registrar = registrar
role-invigilator = invigilator
role-admin = administrator
role-auditor = auditor
role-unknown = staff

login-title = Sign in
login-lead = For university staff who review exam footage.
login-name = Login
login-password = Password
login-submit = Sign in
login-busy = Signing in…
login-wrong = Login or password is not right.
login-too-many = Too many attempts. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
error-offline = The server does not answer. Check the connection; the page keeps trying.
error-signed-out = You have been signed out. Sign in again.
error-forbidden = Your role does not allow you to see this.
error-expired = This footage has expired and can no longer be read.
error-keys = The keys of this recording cannot be trusted: { $message }
error-other = That did not work (error { $status }). Try again.
browser-lacks = This browser cannot open footage: it lacks { $features }. Use a current Chromium, Firefox or Safari.

exams-title = Exams
exams-none = There are no exams yet.
exam-discipline = Discipline
exam-window = Window
exam-expires = Footage readable until
exam-policy = Rules
exam-recordings = { $count ->
    [one] { $count } recording
   *[other] { $count } recordings
}
exam-flagged = { $count ->
    [one] { $count } needs a decision
   *[other] { $count } need a decision
}
exam-state-coming = not started
exam-state-running = running
exam-state-over = over
exam-state-expired = footage expired
recordings-title = Recordings
recordings-none = Nobody has been added to this exam yet.
recording-kind-candidate = Student
recording-kind-room = Room
recording-state-waiting = waiting to start
recording-state-recording = recording
recording-state-offline = no contact
recording-state-finished = finished
recording-state-expired = footage expired
recording-recorded = Recorded
recording-size = Size
recording-last-contact = Last contact
recording-outages = Disconnects
never = never
length-minutes = { $count } min
length-seconds = { $count } s
size-mb = { $mb } MB

finding-title = Finding
finding-none = No disconnect longer than the threshold ({ $threshold }).
finding-retake = Disconnect longer than the threshold ({ $threshold }): an oral retake is to be offered.
finding-retake-deadline = Offer it before { $deadline }.
finding-near-miss = Close to the threshold ({ $threshold }): a person has to decide.
finding-could-not-join = Could not join the exam: a person has to decide.
finding-server-outage = Our own server was down: this counts neither for nor against anybody; a person has to decide.
finding-other = A person has to look at this recording.
finding-provisional = Provisional: it may change until the device's journal has arrived.
finding-longest = Longest disconnect in the window: between { $lower } and { $upper }.
finding-total = All together: at most { $total }.
finding-source = Rule: { $source }

unlock-title = Unlock the footage
unlock-lead = Footage is encrypted. The review key is opened in this browser only and is forgotten when you lock it or close the tab.
unlock-passphrase = Passphrase of your review key
unlock-submit = Unlock
unlock-busy = Opening the review key…
unlock-wrong = This passphrase does not open your review key.
unlock-none = No review key has been given to you. Ask an administrator.
unlock-failed = The review key could not be opened: { $message }
lock = Lock
locks-soon = Locks in { $seconds } s without input
unlocked = Unlocked
institution = Institution key
institution-hint = Compare it with the fingerprint that your university publishes.
institution-changed = The institution key is another one than at your last visit on this computer. Compare the fingerprint before you go on.
institution-accept = The fingerprint is right, go on

player-title = Player
player-video = Footage of { $who }
player-play = Play
player-pause = Pause
player-back = Back 10 seconds
player-forward = Forward 10 seconds
player-speed = Speed
player-track = Camera
player-live = Live
player-live-hint = Follow the newest footage
player-fullscreen = Full screen
player-go-to = Go to time
player-go = Go
player-go-wrong = Write a time of day such as { $example }.
player-auto-jump = Jump over gaps
player-waiting = Waiting for footage…
player-checking = Verifying and decrypting…
player-no-footage = There is no footage yet.
player-gap = No footage here: { $cause }
player-gap-jump = Go on at { $time }
player-gap-end = No footage after this moment.
player-gap-wait = No newer footage has arrived yet.
player-jumped = Jumped over { $length } ({ $from } to { $to }): { $cause }
player-unsigned = Not yet signed by the device
player-unsupported = This browser does not play the format of this footage ({ $codec }).
player-damaged = Damaged footage
player-damage = Segment { $segment } of { $track }, { $from } to { $to }: { $fault }
player-verified = { $checked } of { $total } segments checked from their beginning; the others are checked when they are played.
player-certificates = { $count ->
    [one] { $count } certificate of this recording does not count.
   *[other] { $count } certificates of this recording do not count.
}
player-keys = Keys: space or K play and pause, J and L 10 seconds, arrows 5 seconds, Shift with arrows 1 minute, Home and End the beginning and the newest footage, < and > speed, I and O mark beginning and end, S takes a still, F full screen.
player-position = { $time }

timeline-title = Timeline
timeline-slider = Position in the exam
timeline-zoom-in = Zoom in
timeline-zoom-out = Zoom out
timeline-zoom-all = Whole exam
timeline-footage = footage
timeline-missing = no footage
timeline-outage = disconnect: certain
timeline-outage-upper = disconnect: possible
timeline-damaged = damaged
timeline-now = now
timeline-start = start
timeline-end = end
timeline-expiry = footage expires
timeline-deadline = retake deadline
timeline-legend = Key to the timeline
timeline-zone = Times in { $zone }
table-title = Timeline as a table
table-what = What
table-from = From
table-to = To
table-length = Length
table-details = Details
table-ongoing = going on
table-outage = Disconnect: { $cause }
table-outage-bounds = between { $lower } and { $upper }
table-outage-upper = at most { $upper }; the device's own record has not arrived
table-outage-counted = in the window: { $counted }
table-window = Exam window

cause-not-joined = not joined
cause-agent-stopped = recording program stopped
cause-power-or-reboot = power cut or restart
cause-suspended = computer asleep
cause-camera-lost = camera lost
cause-capture-paused = recording paused: no room on the disk, or the disk failed
cause-not-yet-uploaded = not yet uploaded
cause-unknown = cause not known
cause-damaged = damaged footage
cause-other-track = this camera has no picture here, another one has
cause-link = connection lost
cause-server = our own server
cause-never-joined = never joined

fault-malformed = not readable
fault-statement-signature = a statement's signature is not right
fault-certificate = the key is not certified by the institution
fault-key-record = the key record does not open or is not authentic
fault-commitment = sealed with another key
fault-not-opened = bytes were changed (the seal is broken)
fault-header = the header does not belong to this recording's keys
fault-chain = bytes were changed, cut out or put in another order
fault-order = parts are in the wrong order
fault-signature = the device's signature is not right
fault-unsigned = no signature of the device covers it
fault-closing = the closing record does not fit
fault-truncated = the end is missing
fault-wrong-segment = another segment was delivered
fault-cut-out = footage before it was taken out
fault-beacon = the server's time mark is not right
fault-index = the server's list of the footage (place or time) is not what the device recorded
fault-decode = the picture cannot be decoded
`;var Br=`# Қарау беті. Ұзақтық пен уақыт дайын мәтін болып, сандар сан болып келеді.
app-name = Invigil
app-title = Емтихан бейнежазбаларын қарау
skip-to-content = Мазмұнға өту
language = Тіл
loading = Жүктелуде…
back = Артқа
close = Жабу
retry = Қайталау
sign-out = Шығу
signed-in-as = Кірген: { $name }, { $role }
role-reviewer = жазбаларды қараушы
role-board = комиссия мүшесі
role-registrar = тіркеуші офис
role-invigilator = кезекші оқытушы
role-admin = әкімші
role-auditor = аудитор
role-unknown = қызметкер

login-title = Кіру
login-lead = Емтихан бейнежазбаларын қарайтын университет қызметкерлеріне арналған.
login-name = Логин
login-password = Құпиясөз
login-submit = Кіру
login-busy = Кіруде…
login-wrong = Логин немесе құпиясөз қате.
login-too-many = Әрекет тым көп. { $seconds ->
    [one] { $seconds } секундтан
   *[other] { $seconds } секундтан
} кейін қайталаңыз.
error-offline = Сервер жауап бермейді. Байланысты тексеріңіз; бет әрекетті жалғастырып жатыр.
error-signed-out = Сеанс аяқталды. Қайта кіріңіз.
error-forbidden = Сіздің рөліңіз мұны қарауға рұқсат бермейді.
error-expired = Сақтау мерзімі бітті, жазбаны енді оқу мүмкін емес.
error-keys = Бұл жазбаның кілттеріне сенуге болмайды: { $message }
error-other = Орындалмады (қате { $status }). Қайталап көріңіз.
browser-lacks = Бұл браузер жазбаларды аша алмайды: онда { $features } жоқ. Chromium, Firefox немесе Safari браузерінің соңғы нұсқасы керек.

exams-title = Емтихандар
exams-none = Әзірге емтихан жоқ.
exam-discipline = Пән
exam-window = Емтихан уақыты
exam-expires = Жазбалардың сақталу мерзімі
exam-policy = Ережелер
exam-recordings = { $count ->
    [one] { $count } жазба
   *[other] { $count } жазба
}
exam-flagged = { $count ->
    [one] { $count } жазба шешім күтуде
   *[other] { $count } жазба шешім күтуде
}
exam-state-coming = басталған жоқ
exam-state-running = өтіп жатыр
exam-state-over = аяқталды
exam-state-expired = сақтау мерзімі бітті
recordings-title = Жазбалар
recordings-none = Бұл емтиханға әзірге ешкім қосылмаған.
recording-kind-candidate = Студент
recording-kind-room = Аудитория
recording-state-waiting = басталуын күтуде
recording-state-recording = жазылып жатыр
recording-state-offline = байланыс жоқ
recording-state-finished = аяқталды
recording-state-expired = сақтау мерзімі бітті
recording-recorded = Жазылғаны
recording-size = Көлемі
recording-last-contact = Соңғы байланыс
recording-outages = Байланыс үзілуі
never = болған жоқ
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

finding-title = Қорытынды
finding-none = Шектен ({ $threshold }) ұзақ байланыс үзілуі жоқ.
finding-retake = Байланыс үзілуі шектен ({ $threshold }) ұзақ: ауызша қайта тапсыру мүмкіндігін беру керек.
finding-retake-deadline = Соңғы мерзімі — { $deadline }.
finding-near-miss = Ұзақтығы шекке ({ $threshold }) жақын: шешімді жауапты адам қабылдайды.
finding-could-not-join = Емтиханға қосыла алмады: шешімді жауапты адам қабылдайды.
finding-server-outage = Өз серверіміз істемей қалды: бұл ешкімнің пайдасына да, зиянына да есептелмейді; шешімді жауапты адам қабылдайды.
finding-other = Бұл жазбаны жауапты адам қарауы керек.
finding-provisional = Алдын ала қорытынды: құрылғы журналы келгенше өзгеруі мүмкін.
finding-longest = Емтихан уақытындағы ең ұзақ үзіліс: { $lower } мен { $upper } аралығында.
finding-total = Барлығын қосқанда: ең көбі { $total }.
finding-source = Негізі: { $source }

unlock-title = Бейнежазбаны ашу
unlock-lead = Жазбалар шифрланған. Қарау кілті тек осы браузерде ашылады, оны құлыптағанда немесе қойындыны жапқанда жадтан өшіріледі.
unlock-passphrase = Қарау кілтінің құпия фразасы
unlock-submit = Ашу
unlock-busy = Қарау кілті ашылуда…
unlock-wrong = Бұл құпия фраза сіздің қарау кілтіңізге сәйкес келмейді.
unlock-none = Сізге қарау кілті берілмеген. Әкімшіге хабарласыңыз.
unlock-failed = Қарау кілтін ашу мүмкін болмады: { $message }
lock = Құлыптау
locks-soon = Әрекет болмаса, { $seconds } с кейін құлыпталады
unlocked = Кілт ашық
institution = Университет кілті
institution-hint = Оны университет жариялаған кілт таңбасымен салыстырыңыз.
institution-changed = Университет кілті осы компьютерден соңғы рет кіргендегіден басқа. Жалғастырмас бұрын кілт таңбасын салыстырыңыз.
institution-accept = Таңба дұрыс, жалғастыру

player-title = Қарау
player-video = Бейнежазба: { $who }
player-play = Ойнату
player-pause = Кідірту
player-back = 10 секунд артқа
player-forward = 10 секунд алға
player-speed = Жылдамдық
player-track = Камера
player-live = Тікелей
player-live-hint = Соңғы кадрларды бақылау
player-fullscreen = Толық экран
player-go-to = Уақытқа өту
player-go = Өту
player-go-wrong = Тәулік уақытын жазыңыз, мысалы { $example }.
player-auto-jump = Жазба жоқ жерлерді аттап өту
player-waiting = Жазба күтілуде…
player-checking = Тексеріліп, шифры ашылуда…
player-no-footage = Әзірге бейнежазба жоқ.
player-gap = Бұл жерде жазба жоқ: { $cause }
player-gap-jump = { $time } уақытынан жалғастыру
player-gap-end = Осы сәттен кейін жазба жоқ.
player-gap-wait = Жаңа кадрлар әлі келген жоқ.
player-jumped = { $length } аттап өтілді ({ $from }–{ $to }): { $cause }
player-unsigned = Құрылғы әлі қол қоймаған
player-unsupported = Бұл браузер жазбаның пішімін ойната алмайды ({ $codec }).
player-damaged = Зақымдалған жазба
player-damage = { $track } көзінің { $segment }-сегменті, { $from }–{ $to }: { $fault }
player-verified = Басынан бастап тексерілген сегменттер: { $total } ішінен { $checked }; қалғандары қарау кезінде тексеріледі.
player-certificates = { $count ->
    [one] Бұл жазбаның { $count } сертификаты жарамсыз.
   *[other] Бұл жазбаның { $count } сертификаты жарамсыз.
}
player-keys = Пернелер: бос орын немесе K — ойнату мен кідірту, J және L — 10 секунд, көрсеткілер — 5 секунд, Shift пен көрсеткілер — 1 минут, Home және End — басы мен соңғы кадрлар, < және > — жылдамдық, I мен O — басы мен соңын белгілеу, S — кадр алу, F — толық экран.
player-position = { $time }

timeline-title = Уақыт шкаласы
timeline-slider = Емтихан шкаласындағы орын
timeline-zoom-in = Үлкейту
timeline-zoom-out = Кішірейту
timeline-zoom-all = Бүкіл емтихан
timeline-footage = жазба бар
timeline-missing = жазба жоқ
timeline-outage = байланыс үзілуі: анық
timeline-outage-upper = байланыс үзілуі: мүмкін
timeline-damaged = зақымдалған
timeline-now = қазір
timeline-start = басы
timeline-end = соңы
timeline-expiry = сақтау мерзімінің соңы
timeline-deadline = қайта тапсыру мерзімі
timeline-legend = Шкала белгілері
timeline-zone = Уақыт { $zone }
table-title = Уақыт шкаласы кесте түрінде
table-what = Оқиға
table-from = Басы
table-to = Соңы
table-length = Ұзақтығы
table-details = Толығырақ
table-ongoing = жалғасуда
table-outage = Байланыс үзілуі: { $cause }
table-outage-bounds = { $lower } мен { $upper } аралығында
table-outage-upper = ең көбі { $upper }; құрылғы журналы әлі келген жоқ
table-outage-counted = емтихан уақытында: { $counted }
table-window = Емтихан уақыты

cause-not-joined = қосылмаған
cause-agent-stopped = жазу бағдарламасы тоқтатылған
cause-power-or-reboot = электр өшкен немесе компьютер қайта қосылған
cause-suspended = компьютер ұйқы режимінде болған
cause-camera-lost = камера жоғалған
cause-capture-paused = жазу тоқтатылды: дискіде орын жоқ немесе диск істен шықты
cause-not-yet-uploaded = серверге әлі жіберілмеген
cause-unknown = себебі белгісіз
cause-damaged = жазба зақымдалған
cause-other-track = бұл камерада көрініс жоқ, басқасында бар
cause-link = байланыс жоғалған
cause-server = өз серверіміздің ақауы
cause-never-joined = мүлде қосылмаған

fault-malformed = оқылмайды
fault-statement-signature = құжаттың қолтаңбасы дұрыс емес
fault-certificate = кілтті университет растамаған
fault-key-record = кілт туралы жазба ашылмайды немесе түпнұсқа емес
fault-commitment = басқа кілтпен шифрланған
fault-not-opened = деректер өзгертілген (криптографиялық қорғанысы бұзылған)
fault-header = тақырыбы осы жазбаның кілттеріне сәйкес емес
fault-chain = деректер өзгертілген, қиып алынған немесе орны ауыстырылған
fault-order = бөліктердің реті бұзылған
fault-signature = құрылғының қолтаңбасы дұрыс емес
fault-unsigned = құрылғының қолтаңбасымен расталмаған
fault-closing = қорытынды жазбасы сәйкес келмейді
fault-truncated = соңы жоқ
fault-wrong-segment = басқа сегмент жіберілген
fault-cut-out = алдындағы бөлігі алып тасталған
fault-beacon = сервердің уақыт белгісі дұрыс емес
fault-index = сервердегі үзінділер тізімі (орны немесе уақыты) құрылғы жазғанға сәйкес емес
fault-decode = кескінді ашу мүмкін емес
`;var zr=`# Страница просмотра. Длительности и время приходят готовым текстом, числа — числами.
app-name = Invigil
app-title = Просмотр видеозаписей экзаменов
skip-to-content = Перейти к содержанию
language = Язык
loading = Загрузка…
back = Назад
close = Закрыть
retry = Повторить
sign-out = Выйти
signed-in-as = Вход выполнен: { $name }, { $role }
role-reviewer = просмотр записей
role-board = член комиссии
role-registrar = офис-регистратор
role-invigilator = дежурный преподаватель
role-admin = администратор
role-auditor = аудитор
role-unknown = сотрудник

login-title = Вход
login-lead = Для сотрудников университета, которые просматривают видеозаписи экзаменов.
login-name = Логин
login-password = Пароль
login-submit = Войти
login-busy = Выполняется вход…
login-wrong = Неверный логин или пароль.
login-too-many = Слишком много попыток. Повторите через { $seconds ->
    [one] { $seconds } секунду
    [few] { $seconds } секунды
   *[other] { $seconds } секунд
}.
error-offline = Сервер не отвечает. Проверьте соединение; страница продолжает попытки.
error-signed-out = Сеанс завершён. Войдите снова.
error-forbidden = Ваша роль не даёт права на просмотр.
error-expired = Срок хранения истёк, запись больше нельзя прочитать.
error-keys = Ключам этой записи нельзя доверять: { $message }
error-other = Не получилось (ошибка { $status }). Повторите попытку.
browser-lacks = Этот браузер не может открыть записи: в нём нет { $features }. Нужна современная версия Chromium, Firefox или Safari.

exams-title = Экзамены
exams-none = Экзаменов пока нет.
exam-discipline = Дисциплина
exam-window = Время экзамена
exam-expires = Записи доступны до
exam-policy = Правила
exam-recordings = { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[other] { $count } записей
}
exam-flagged = { $count ->
    [one] { $count } требует решения
    [few] { $count } требуют решения
   *[other] { $count } требуют решения
}
exam-state-coming = не начался
exam-state-running = идёт
exam-state-over = завершён
exam-state-expired = срок хранения истёк
recordings-title = Записи
recordings-none = В этот экзамен пока никто не добавлен.
recording-kind-candidate = Студент
recording-kind-room = Аудитория
recording-state-waiting = ожидает начала
recording-state-recording = идёт запись
recording-state-offline = нет связи
recording-state-finished = завершена
recording-state-expired = срок хранения истёк
recording-recorded = Записано
recording-size = Объём
recording-last-contact = Последняя связь
recording-outages = Обрывы связи
never = не было
length-minutes = { $count } мин
length-seconds = { $count } с
size-mb = { $mb } МБ

finding-title = Заключение
finding-none = Обрывов связи дольше порога ({ $threshold }) нет.
finding-retake = Обрыв связи дольше порога ({ $threshold }): следует предоставить устную пересдачу.
finding-retake-deadline = Предоставить до { $deadline }.
finding-near-miss = Длительность близка к порогу ({ $threshold }): решение принимает ответственное лицо.
finding-could-not-join = Не удалось подключиться к экзамену: решение принимает ответственное лицо.
finding-server-outage = Не работал наш сервер: это не засчитывается ни в чью пользу; решение принимает ответственное лицо.
finding-other = Эту запись должно рассмотреть ответственное лицо.
finding-provisional = Предварительно: может измениться, пока не получен журнал устройства.
finding-longest = Самый долгий обрыв за время экзамена: от { $lower } до { $upper }.
finding-total = В сумме: не более { $total }.
finding-source = Основание: { $source }

unlock-title = Открыть видеозапись
unlock-lead = Записи зашифрованы. Ключ просмотра открывается только в этом браузере и стирается из памяти, когда вы его блокируете или закрываете вкладку.
unlock-passphrase = Парольная фраза ключа просмотра
unlock-submit = Открыть
unlock-busy = Открываем ключ просмотра…
unlock-wrong = Эта парольная фраза не подходит к вашему ключу просмотра.
unlock-none = Вам не выдан ключ просмотра. Обратитесь к администратору.
unlock-failed = Не удалось открыть ключ просмотра: { $message }
lock = Заблокировать
locks-soon = Блокировка через { $seconds } с без действий
unlocked = Ключ открыт
institution = Ключ университета
institution-hint = Сравните его с отпечатком, который публикует ваш университет.
institution-changed = Ключ университета не тот, что при прошлом посещении с этого компьютера. Прежде чем продолжить, сверьте отпечаток.
institution-accept = Отпечаток верный, продолжить

player-title = Просмотр
player-video = Видеозапись: { $who }
player-play = Воспроизвести
player-pause = Пауза
player-back = Назад на 10 секунд
player-forward = Вперёд на 10 секунд
player-speed = Скорость
player-track = Камера
player-live = Эфир
player-live-hint = Следить за последними кадрами
player-fullscreen = На весь экран
player-go-to = Перейти ко времени
player-go = Перейти
player-go-wrong = Укажите время суток, например { $example }.
player-auto-jump = Пропускать разрывы записи
player-waiting = Ожидание записи…
player-checking = Проверка и расшифровка…
player-no-footage = Видеозаписи пока нет.
player-gap = Здесь нет записи: { $cause }
player-gap-jump = Продолжить с { $time }
player-gap-end = После этого момента записи нет.
player-gap-wait = Новых кадров пока не поступило.
player-jumped = Пропущено { $length } (с { $from } до { $to }): { $cause }
player-unsigned = Ещё не подписано устройством
player-unsupported = Этот браузер не воспроизводит формат записи ({ $codec }).
player-damaged = Повреждённая запись
player-damage = Сегмент { $segment } источника { $track }, с { $from } до { $to }: { $fault }
player-verified = Проверено с самого начала сегментов: { $checked } из { $total }; остальные проверяются при просмотре.
player-certificates = { $count ->
    [one] { $count } сертификат этой записи недействителен.
    [few] { $count } сертификата этой записи недействительны.
   *[other] { $count } сертификатов этой записи недействительны.
}
player-keys = Клавиши: пробел или K — воспроизведение и пауза, J и L — 10 секунд, стрелки — 5 секунд, Shift и стрелки — 1 минута, Home и End — начало и последние кадры, < и > — скорость, I и O — отметить начало и конец, S — снять кадр, F — на весь экран.
player-position = { $time }

timeline-title = Шкала времени
timeline-slider = Место на шкале экзамена
timeline-zoom-in = Крупнее
timeline-zoom-out = Мельче
timeline-zoom-all = Весь экзамен
timeline-footage = запись есть
timeline-missing = записи нет
timeline-outage = обрыв связи: достоверно
timeline-outage-upper = обрыв связи: возможно
timeline-damaged = повреждено
timeline-now = сейчас
timeline-start = начало
timeline-end = конец
timeline-expiry = конец хранения
timeline-deadline = срок пересдачи
timeline-legend = Обозначения шкалы
timeline-zone = Время { $zone }
table-title = Шкала времени в виде таблицы
table-what = Событие
table-from = С
table-to = До
table-length = Длительность
table-details = Подробности
table-ongoing = продолжается
table-outage = Обрыв связи: { $cause }
table-outage-bounds = от { $lower } до { $upper }
table-outage-upper = не более { $upper }; журнал устройства ещё не получен
table-outage-counted = за время экзамена: { $counted }
table-window = Время экзамена

cause-not-joined = подключения не было
cause-agent-stopped = программа записи была остановлена
cause-power-or-reboot = отключение питания или перезагрузка
cause-suspended = компьютер был в спящем режиме
cause-camera-lost = камера недоступна
cause-capture-paused = запись приостановлена: нет места на диске или сбой диска
cause-not-yet-uploaded = ещё не передано на сервер
cause-unknown = причина неизвестна
cause-damaged = запись повреждена
cause-other-track = у этой камеры здесь нет изображения, есть у другой
cause-link = потеря соединения
cause-server = сбой нашего сервера
cause-never-joined = подключения так и не было

fault-malformed = не читается
fault-statement-signature = неверная подпись документа
fault-certificate = ключ не заверен университетом
fault-key-record = запись о ключе не открывается или не подлинная
fault-commitment = зашифровано другим ключом
fault-not-opened = данные изменены (нарушена криптографическая защита)
fault-header = заголовок не соответствует ключам этой записи
fault-chain = данные изменены, вырезаны или переставлены
fault-order = нарушен порядок частей
fault-signature = неверная подпись устройства
fault-unsigned = не подтверждено подписью устройства
fault-closing = завершающая запись не сходится
fault-truncated = отсутствует конец
fault-wrong-segment = получен другой сегмент
fault-cut-out = предыдущая часть записи изъята
fault-beacon = неверная отметка времени сервера
fault-index = список фрагментов на сервере (место или время) не совпадает с тем, что записало устройство
fault-decode = изображение не декодируется
`;var Ee=[{code:"kk",name:"Қазақша"},{code:"ru",name:"Русский"},{code:"en",name:"English"}],Ur="invigil.language",Qa={kk:`${Br}
${Lr}`,ru:`${zr}
${Nr}`,en:`${Vr}
${Fr}`},yn=new Set,$t=ei(),Qe=jr($t);function ei(){let t=[ti(),...globalThis.navigator?.languages??[]];for(let e of t){let n=Ee.find(({code:o})=>e?.toLowerCase().startsWith(o));if(n)return n.code}return"kk"}function ti(){try{return localStorage.getItem(Ur)}catch{return null}}function jr(t){let e=new Ze(t,{useIsolating:!1});return e.addResource(new Xe(Qa[t])),e}var ie=()=>$t;function Hr(t){$t=t,Qe=jr(t);try{localStorage.setItem(Ur,t)}catch{}document.documentElement.lang=t;for(let e of[...yn])e()}function qr(t){return yn.add(t),()=>yn.delete(t)}function i(t,e={}){let n=Qe.getMessage(t)?.value;return n?Qe.formatPattern(n,e):t}var Mt=t=>Qe.hasMessage(t);function V(t,e,n={}){return Qe.hasMessage(t)?i(t,n):i(e,n)}var I=t=>t[$t];var Ce,q,wn,Kr,vn=Object.is,St=0,to=[],kn=[],H=F,Wr=H.__b,Gr=H.__r,Jr=H.diffed,Yr=H.__c,Zr=H.unmount,Xr=H.__;function tt(t,e){H.__h&&H.__h(q,t,St||e),St=0;var n=q.__H||(q.__H={__:[],__h:[]});return t>=n.__.length&&n.__.push({}),n.__[t]}function b(t){return St=1,ni(ro,t)}function ni(t,e,n){var o=tt(Ce++,2);if(o.t=t,!o.__c&&(o.__=[n?n(e):ro(void 0,e),function(s){var l=(o.__N||o.__)[0],c=o.t(l,s);vn(l,c)||(o.__N=[c,o.__[1]],o.__c.setState({}))}],o.__c=q,!q.__f)){q.__f=!0;var a=q.shouldComponentUpdate;q.shouldComponentUpdate=function(s,l,c){var u=this.__H;if(!u)return!0;var m=!1,d=this.props!=s;if(u.__.some(function(h){h.__N&&(m=!0,vn(h.__[0],h.__N[0])||(d=!0))}),a){var f=a.call(this,s,l,c);return m?f||d:f}return!m||d}}return o.__}function S(t,e){var n=tt(Ce++,3);!H.__s&&xn(n.__H,e)&&(n.__P=!0,n.__=t,n.u=e,q.__H.__h.push(n))}function no(t,e){var n=tt(Ce++,4);!H.__s&&xn(n.__H,e)&&(n.__P=!1,n.__=t,n.u=e,q.__h.push(n))}function U(t){return St=5,nt(function(){return{current:t}},[])}function nt(t,e){var n=tt(Ce++,7);return xn(n.__H,e)&&(n.__=t(),n.__H=e),n.__}function Le(){var t=tt(Ce++,11);if(!t.__){for(var e=q.__v;!e.__m&&e.__;)e=e.__;var n=e.__m||(e.__m=[0,0]);t.__="P"+n[0]+"-"+n[1]++}return t.__}function ri(){var t;do{for(;t=kn.shift();)try{et(t)}catch(n){H.__e(n,{__:(t=t.__P)&&t.__v})}for(;t=to.shift();){var e=t.__H;if(t.__P&&e)try{e.__h.some(et),e.__h.some(_n),e.__h=[]}catch(n){e.__h=[],H.__e(n,t.__v)}}}while(kn.length)}H.__b=function(t){q=null,Wr&&Wr(t)},H.__=function(t,e){t&&e.__k&&e.__k.__m&&(t.__m=e.__k.__m),Xr&&Xr(t,e)},H.__r=function(t){Gr&&Gr(t),Ce=0;var e=(q=t.__c).__H;e&&(wn==q?q.__h=[]:(e.__h.some(et),e.__h.some(_n),Ce=0),e.__h=[],e.__.some(function(n){n.__N&&(n.__=n.__N),n.u=n.__N=void 0})),wn=q},H.diffed=function(t){Jr&&Jr(t);var e=t.__c;e&&e.__H&&(e.__H.__h.length&&eo(to.push(e)),e.__H.__.some(function(n){n.u&&(n.__H=n.u)})),wn=q=null},H.__c=function(t,e){e.some(function(n){try{n.__h.some(et),n.__h=n.__h.filter(function(o){return!o.__||_n(o)})}catch(o){n.__h=[function(){throw o}]}}),Yr&&Yr(t,e)},H.unmount=function(t){Zr&&Zr(t);var e,n,o=t.__c;o&&o.__H&&(o.__H.__.some(function(a){try{if(a.__P&&a.__c){if(n===void 0){for(n=t.__;n&&(!n.__c||!n.__c.__P);)n=n.__;n=n&&n.__c}a.__P=n,eo(kn.push(a))}else et(a)}catch(s){e=s}}),o.__H=void 0,e&&H.__e(e,o.__v))};var Qr=typeof requestAnimationFrame=="function";function oi(t){var e,n=function(){clearTimeout(o),Qr&&cancelAnimationFrame(e),setTimeout(t)},o=setTimeout(n,35);Qr&&(e=requestAnimationFrame(n))}function eo(t){t!=1&&Kr==H.requestAnimationFrame||((Kr=H.requestAnimationFrame)||oi)(ri)}function et(t){var e=q,n=t.__c;typeof n=="function"&&(t.__c=void 0,n()),q=e}function _n(t){var e=q;t.__c=t.__(),q=e}function xn(t,e){return!t||t.length!=e.length||e.some(function(n,o){return!vn(n,t[o])})}function ro(t,e){return typeof e=="function"?e(t):e}var Ne=null,Tt=new Set,oo=30*6e4,si=29*6e4,Et=performance.now(),W={get key(){return Ne},watch(t){return Tt.add(t),()=>Tt.delete(t)},lock(){if(Ne){Ne=null;for(let t of[...Tt])t()}},async unlock(t){let e=await A.reviewKeys();if(e.length===0)return"no-key";for(let n of e){let o=ir(n.wrapped),a=await ai(t,o.kdf),s=await lr(o,a);if(a.fill(0),!!s){Ne=s,Et=performance.now();for(let l of[...Tt])l();return"open"}}return"wrong-passphrase"}};function ai(t,e){let n=new Worker("/kdf-worker.js",{type:"module"});return new Promise((o,a)=>{n.onmessage=s=>{s.data.derived?o(s.data.derived):a(new Error(s.data.error))},n.onerror=()=>a(new Error("the key derivation did not start")),n.postMessage({passphrase:t,kdf:e})}).finally(()=>n.terminate())}function so(){let t=performance.now()-Et;return Ne&&t>si?Math.max(0,oo-t):null}function ao(){let t=()=>{Et=performance.now()};for(let e of["pointerdown","pointermove","keydown","wheel","touchstart"])addEventListener(e,t,{passive:!0});setInterval(()=>{Ne&&performance.now()-Et>=oo&&W.lock()},1e3)}async function io(){let t=[];if(!globalThis.isSecureContext||!globalThis.crypto?.subtle)return["WebCrypto (HTTPS)"];for(let[e,n]of[["X25519",["deriveBits"]],["Ed25519",["sign","verify"]]])await crypto.subtle.generateKey({name:e},!1,[...n]).catch(()=>t.push(e));return"MediaSource"in globalThis||t.push("Media Source Extensions"),"WebAssembly"in globalThis||t.push("WebAssembly"),t}var $n="[0-9a-f-]{36}";function Ct(t){let e=new RegExp(`^#/exam/(${$n})$`).exec(t);if(e?.[1])return{page:"exam",id:e[1]};let n=new RegExp(`^#/recording/(${$n})(?:\\?t=(-?\\d+(?:\\.\\d+)?))?$`).exec(t);if(n?.[1])return{page:"recording",id:n[1],atSecs:n[2]===void 0?null:Number(n[2])};let o=new RegExp(`^#/act/(${$n})$`).exec(t);if(o?.[1])return{page:"act",id:o[1]};let a=/^#\/(acts|holds|registrar|audit)$/.exec(t);return a?.[1]?{page:a[1]}:{page:"exams"}}function lo(){let[t,e]=b(()=>Ct(location.hash));return S(()=>{let n=()=>e(Ct(location.hash));return addEventListener("hashchange",n),()=>removeEventListener("hashchange",n)},[]),t}function co(){let[t,e]=b(ie());return S(()=>qr(()=>e(ie())),[]),t}function Q(){let[t,e]=b(W.key);return S(()=>W.watch(()=>e(W.key)),[]),t}function Y(...t){let e=[...t,i("app-name")].join(" · ");S(()=>{document.title=e},[e])}function se(t,e,n){let[o,a]=b({value:null,error:null});return S(()=>{let s=!1,l;a({value:null,error:null});let c=async()=>{if(!document.hidden)try{let u=await t(Ie);s||a({value:u,error:null})}catch(u){let m=u instanceof D?u:new D(0,"");s||a(({value:d})=>({value:d,error:m}))}s||(l=setTimeout(c,e))};return c(),()=>{s=!0,clearTimeout(l)}},n),o}function le(t){switch(t.status){case 0:return i("error-offline");case 401:return i("error-signed-out");case 403:return i("error-forbidden");case 410:return i("error-expired");case 429:return i("login-too-many",{seconds:t.retryAfterSecs??60});default:return i("error-other",{status:t.status})}}function Mn(t,e){return t instanceof D?e?.(t)??le(t):i("error-failed",{message:t instanceof Error?t.message:String(t)})}function ee(t){let[e,n]=b(!1),[o,a]=b(null);return{busy:e,trouble:o,run:async l=>{n(!0),a(null);try{await l()}catch(c){a(Mn(c,t))}finally{n(!1)}},clear:()=>a(null)}}function ue(t){let e=Math.abs(Math.round(t/60)),n=e%60;return`UTC${t<0?"−":"+"}${Math.floor(e/60)}${n===0?"":`:${we(n)}`}`}var we=t=>String(t).padStart(2,"0");function pe(t){let e=/([+-])(\d\d):(\d\d)(?:\[.*\])?$/.exec(t);if(!e)return/Z$/i.test(t)?0:null;let n=Number(e[2])*3600+Number(e[3])*60;return e[1]==="-"?-n:n}var uo=(t,e)=>new Date(t+e*1e3);function P(t,e,n=!0){let o=uo(t,e);return`${we(o.getUTCHours())}:${we(o.getUTCMinutes())}${n?`:${we(o.getUTCSeconds())}`:""}`}function J(t,e){let n=uo(t,e);return`${we(n.getUTCDate())}.${we(n.getUTCMonth()+1)}.${n.getUTCFullYear()}`}function O(t,e,n=!1){return`${J(t,e)} ${P(t,e,n)} ${ue(e)}`}function te(t){let e=Math.floor(Math.abs(t)/1e3),n=t<0?"−":"",o=Math.floor(e/3600),a=`${we(e%60)}`,s=Math.floor(e/60)%60;return o>0?`${n}${o}:${we(s)}:${a}`:`${n}${s}:${a}`}function fe(t){return`${te(t)}.${String(Math.floor(Math.abs(t))%1e3).padStart(3,"0")}`}function At(t,e,n){let o=/^\s*(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?\s*$/.exec(t);if(!o)return null;let[a,s,l]=[Number(o[1]),Number(o[2]),Number(o[3]??0)];if(a>23||s>59||l>59)return null;let c=Math.floor((e+n*1e3)/864e5)*864e5-n*1e3,u=(a*3600+s*60+l)*1e3;return[-1,0,1].map(d=>c+d*864e5+u).reduce((d,f)=>Math.abs(f-e)<Math.abs(d-e)?f:d)}var ii=Symbol.for("pv"),li=0;function r(t,e,n,o,a,s){e||(e={});var l,c,u=e;if("ref"in u&&typeof t!="function")for(c in u={},e)c=="ref"?l=e[c]:u[c]=e[c];var m={type:t,props:u,key:n,ref:l,__k:null,__:null,__b:0,__e:null,__c:null,constructor:ii,__v:--li,__i:-1,__u:0};return(a||s)&&(m.__source=a,m.__self=s),F.vnode&&F.vnode(m),m}function ve(t,e,n){let o=J(t,n)===J(e,n)?"":`${J(e,n)} `;return`${J(t,n)} ${P(t,n,!1)} – ${o}${P(e,n,!1)} ${ue(n)}`}function mo(t){return t%6e4===0?i("length-minutes",{count:t/6e4}):i("length-seconds",{count:t/1e3})}function j({tone:t,children:e}){return r("span",{class:`chip ${t}`,children:e})}function Z({error:t,empty:e,onSignedOut:n}){return S(()=>{t?.status===401&&n()},[t]),t?r("p",{class:"message bad",role:"alert",children:le(t)}):e?r("p",{class:"hint",role:"status",children:i("loading")}):null}function Ve({rows:t}){return r("dl",{class:"facts",children:t.map(e=>e&&r("div",{children:[r("dt",{children:e[0]}),r("dd",{children:e[1]})]},e[0]))})}function ke(t){let e=(t/1e6).toFixed(1);return ie()==="en"?e:e.replace(".",",")}function Sn(t,e){let n=Math.max(0,t-e),o=Math.floor(n/36e5),a=Math.floor(o/24),s=a<3?"bad":a<7?"warn":"plain";return{over:t<=e,days:a,hours:o%24,minutes:Math.floor(n/6e4)%60,tone:s}}function Pt(t){return t.cancel_until_ms!==null&&!["grade-cancelled","discarded"].includes(t.state)&&t.revoked_by===null&&t.corrected_by===null}function po(t){let e=n=>Pt(n)?n.cancel_until_ms:Number.POSITIVE_INFINITY;return[...t].sort((n,o)=>{let[a,s]=[e(n),e(o)];return a===s?o.created_ms-n.created_ms:a-s})}function Rt(t){return t.split(`
`).map(e=>{let n=e.indexOf(";");return n<0?{name:e,post:""}:{name:e.slice(0,n),post:e.slice(n+1).replace(/^ /,"")}})}var Tn=t=>t.replace(/[\r\n]+/g," ");function En(t){let e=({name:n,post:o})=>o===""?Tn(n).replaceAll(";",","):`${Tn(n).replaceAll(";",",")}; ${Tn(o)}`;return t.map(e).join(`
`)}function ne(t){let{error:e,message:n}=t.body;if(e===void 0)return null;if(!Mt(`refusal-${e}`))return t.status===422||t.status===409?n??null:null;let{until_ms:o,until:a,rule:s}=t.body,l=typeof o=="number"?O(o,pe(String(a))??0):"";return i(`refusal-${e}`,{date:l,rule:String(s??""),message:n??""})}var fo=t=>({draft:"plain","for-signature":"warn",signed:"good","passed-on":"good","grade-cancelled":"good",discarded:"bad"})[t],rt=(t,e)=>{let n=t.find(o=>o.kind===e);return n?I(n.title):e};function go(t,e,n){let o=t.find(a=>a.kind===e)?.points.find(a=>a.id===n);return o?`${o.source} ${I(o.text)}`:n}function ho({revoked_by:t,corrected_by:e,cancelled:n}){return t!==null?{key:"registrar-revoked",number:t}:e!==null?{key:"registrar-corrected",number:e}:{key:n===null?"registrar-not-cancelled":null,number:""}}var Ot=({state:t,number_text:e})=>e??i(t==="for-signature"?"act-number-later":"act-no-number"),bo=(t,e)=>`${rt(e,t.kind)}${t.number_text?` ${t.number_text}`:""}`,Dt=t=>pe(t.cancel_until??"")??t.exam.utc_offset_secs;function Be(t,e){switch(t.kind){case"choice":return I(t.choices.find(({id:n})=>n===e)?.label??{kk:e,ru:e,en:e});case"yes-no":return e==="yes"||e==="no"?i(`answer-${e}`):e;case"date":{let n=Date.parse(`${e}T00:00:00Z`);return Number.isNaN(n)?e:J(n,0)}case"persons":return Rt(e).filter(({name:n})=>n.trim()!=="").map(({name:n,post:o})=>o.trim()?`${n.trim()} — ${o.trim()}`:n.trim()).join(`
`);default:return e}}var Cn=t=>(t.slice(0,16).match(/.{4}/g)??[]).join(" "),ot=t=>`field-${t}`;function An({act:t,nowMs:e}){if(t.cancel_until_ms===null||!Pt(t))return null;let{over:n,days:o,hours:a,minutes:s,tone:l}=Sn(t.cancel_until_ms,e);return r(j,{tone:n?"bad":l,children:n?i("countdown-over"):o+a>0?i("countdown-left",{days:o,hours:a}):i("countdown-minutes",{minutes:s})})}function yo({act:t,nowMs:e}){if(t.cancel_until_ms===null||!Pt(t))return null;let{over:n,tone:o}=Sn(t.cancel_until_ms,e),a=O(t.cancel_until_ms,Dt(t));return r("p",{class:`message countdown ${n?"bad":o}`,"data-test":"countdown",children:[r(An,{act:t,nowMs:e}),r("span",{children:[i(n?"countdown-was":"countdown-until",{until:a})," ",t.cancel_rule!==null&&r("span",{class:"hint",children:i("finding-source",{source:t.cancel_rule})})]})]})}var ci=1e4,di=["draft","for-signature","signed","passed-on","grade-cancelled","discarded"],ui=(t,e)=>e==="all"?!0:e==="yours"?t.yours_to_sign:e==="open"?["draft","for-signature","signed","passed-on"].includes(t.state):t.state===e;function wo({me:t,onSignedOut:e}){let{value:n,error:o}=se(g=>g.acts(),ci,[]),[a,s]=b([]);S(()=>{n&&A.forms().then(s,()=>{})},[n!==null]);let[l,c]=b("open"),[u,m]=b("");Y(i("acts-title"));let d=n?.acts??[],f=[...new Set(d.map(g=>g.kind))].sort(),h=po(d).filter(g=>ui(g,l)&&(u===""||g.kind===u)),p=d.filter(({yours_to_sign:g})=>g);return r(C,{children:[r("h1",{children:i("acts-title")}),r(Z,{error:o,empty:!n,onSignedOut:e}),t.role==="invigilator"&&r("p",{class:"hint",children:i("acts-own-hint")}),p.length>0&&l!=="yours"&&r("p",{class:"message warn yours",children:[i("acts-yours-count",{count:p.length}),r("button",{type:"button",class:"small","data-test":"yours",onClick:()=>c("yours"),children:i("acts-yours-show")})]}),r("div",{class:"controls filters",children:[r("label",{class:"inline",children:[i("acts-filter-state"),r("select",{name:"state",value:l,onChange:g=>c(g.currentTarget.value),children:[r("option",{value:"open",children:i("acts-filter-open")}),r("option",{value:"yours",children:i("acts-filter-yours")}),r("option",{value:"all",children:i("acts-filter-all")}),di.map(g=>r("option",{value:g,children:i(`act-state-${g}`)},g))]})]}),r("label",{class:"inline",children:[i("acts-filter-kind"),r("select",{name:"kind",value:u,onChange:g=>m(g.currentTarget.value),children:[r("option",{value:"",children:i("acts-filter-any-kind")}),f.map(g=>r("option",{value:g,children:rt(a,g)},g))]})]}),r("span",{class:"hint",role:"status",children:n&&i("acts-count",{count:h.length})})]}),n&&h.length===0&&r("p",{class:"hint",children:i("acts-none")}),r("ul",{class:"cards",children:h.map(g=>r("li",{class:"card",children:r(mi,{act:g,forms:a,nowMs:n?.now_ms??0})},g.id))})]})}function mi({act:t,forms:e,nowMs:n}){let o=e.find(a=>a.kind===t.kind);return r(C,{children:[r("div",{class:"card-head",children:[r("h2",{children:r("a",{href:`#/act/${t.id}`,children:[Ot(t)," · ",t.subject??(t.state==="discarded"?t.exam.title:i("draw-up-nobody"))]})}),r(Pn,{act:t}),r(An,{act:t,nowMs:n}),t.repeated&&r(j,{tone:"bad",children:i("act-repeated-short")}),t.yours_to_sign&&r(j,{tone:"warn",children:i("act-yours")})]}),r("p",{children:o?I(o.title):t.kind}),r("p",{class:"hint",children:[t.exam.title,", ",ve(t.exam.starts_ms,t.exam.ends_ms,t.exam.utc_offset_secs),". ",i("act-drawn-up",{who:t.created_by,date:J(t.created_ms,t.exam.utc_offset_secs)}),t.signatures[1]>0&&t.state!=="discarded"&&` ${i("act-signatures",{given:t.signatures[0],needed:t.signatures[1]})}`]})]})}function Pn({act:t}){return r(C,{children:[r(j,{tone:fo(t.state),children:i(`act-state-${t.state}`)}),t.revoked_by!==null&&r(j,{tone:"bad",children:i("act-revoked")}),t.corrected_by!==null&&t.revoked_by===null&&r(j,{tone:"warn",children:i("act-corrected")})]})}var Ae=()=>import("./evidence.js"),vo=async(t,e,n={})=>(await Ae()).sealHold(t,e,n),ko=async(t,e,n)=>(await Ae()).takeStill(t,e,n),st=async(t,e,n)=>(await Ae()).sealAttachment(t,e,n),Rn=async(t,e,n,o)=>(await Ae()).openAttachment(t,e,n,o),_o=async(t,e,n={})=>(await Ae()).annexStills(t,e,n),xo=async t=>(await Ae()).makeAnnex(t),$o=async(t,e,n,o={},a=null)=>(await Ae()).makeBundle(t,e,n,o,a);function It({bytes:t,media:e,alt:n}){let[o,a]=b(null);return S(()=>{let s=URL.createObjectURL(new Blob([t],{type:e}));return a(s),()=>URL.revokeObjectURL(s)},[t,e]),o===null?null:r("img",{src:o,alt:n})}function K({title:t,busy:e=!1,onClose:n,onSubmit:o,action:a,danger:s=!1,trouble:l=null,disabled:c=!1,children:u}){let m=U(null),d=Le();S(()=>{m.current?.showModal()},[]);let f=p=>{p.preventDefault(),e||o?.()},h=r(C,{children:[r("h2",{id:d,children:t}),u,l&&r("p",{class:"message bad",role:"alert",children:l}),r("div",{class:"dialog-end",children:[r("button",{type:"button","data-test":"dialog-close",disabled:e,onClick:n,children:i(o?"cancel":"close")}),o&&r("button",{type:"submit","data-test":"dialog-do",class:s?"danger":"primary",disabled:e||c,children:e?i("working"):a})]})]});return r("dialog",{ref:m,"aria-labelledby":d,onCancel:p=>(p.preventDefault(),e||n()),children:o?r("form",{class:"dialog",onSubmit:f,children:h}):r("div",{class:"dialog",children:h})})}var Mo="invigil.institution";function pi(){try{return localStorage.getItem(Mo)}catch{return null}}function fi(t){try{localStorage.setItem(Mo,t)}catch{}}function _e({me:t}){let[e,n]=b(""),[o,a]=b(!1),[s,l]=b(null),[c,u]=b(()=>[null,t.institution].includes(pi()));return r("form",{class:"card unlock",onSubmit:async d=>{d.preventDefault(),a(!0),l(null);try{let f=await W.unlock(e);f==="open"?fi(t.institution):l(f==="no-key"?i("unlock-none"):i("unlock-wrong"))}catch(f){l(f instanceof D?le(f):i("unlock-failed",{message:f instanceof Error?f.message:String(f)}))}finally{n(""),a(!1)}},"aria-labelledby":"unlock-title",children:[r("h2",{id:"unlock-title",children:i("unlock-title")}),r("p",{children:i("unlock-lead")}),r(On,{me:t}),c?r(C,{children:[r("label",{children:[i("unlock-passphrase"),r("input",{name:"passphrase",type:"password",autocomplete:"off",required:!0,disabled:o,value:e,onInput:d=>n(d.currentTarget.value),"aria-describedby":s?"unlock-error":void 0})]}),r("p",{class:"live-region",role:"status",children:o&&i("unlock-busy")}),o&&r("progress",{"aria-label":i("unlock-busy")}),s&&r("p",{class:"message bad",role:"alert",id:"unlock-error",children:s}),r("button",{type:"submit",class:"primary",disabled:o,children:i("unlock-submit")})]}):r("div",{class:"message bad",role:"alert",children:[r("p",{children:i("institution-changed")}),r("button",{type:"button",onClick:()=>u(!0),children:i("institution-accept")})]})]})}function On({me:t}){return r("div",{class:"institution",children:[r("span",{children:i("institution")}),r("code",{children:t.institution.replace(/(.{4})(?=.)/g,"$1 ")}),r("small",{class:"hint",children:i("institution-hint")})]})}function Ft({me:t,onOpen:e,onClose:n}){let o=Q();return S(()=>{o&&e()},[o]),r(K,{title:i("unlock-first"),onClose:n,children:[r("p",{children:i("unlock-first-why")}),!o&&r(_e,{me:t})]})}var Lt={fromMs:null,toMs:null},gi=2*36e5,ze=1e3,Dn=t=>Math.floor(t/ze)*ze,In=t=>Math.ceil(t/ze)*ze;function So(t,e){let n=Dn(e);return{fromMs:n,toMs:t.toMs!==null&&t.toMs>n?t.toMs:null}}function To(t,e){let n=In(e);return{fromMs:t.fromMs!==null&&t.fromMs<n?t.fromMs:null,toMs:n}}function Eo(t,e,n,o){let a=(c,u,m)=>Math.min(Math.max(c,u),Math.max(u,m)),[s,l]=[Dn(o.fromMs),In(o.toMs)];return e==="in"?{...t,fromMs:a(Dn(n),s,(t.toMs??l)-ze)}:{...t,toMs:a(In(n),(t.fromMs??s)+ze,l)}}function Co({fromMs:t,toMs:e}){return t===null||e===null?null:{fromMs:t,toMs:e}}var Ao=t=>t.toMs-t.fromMs>gi;var Po={marks:Lt,stills:[]},xe=new Map,Pe=new Map,Fn=new Set,Nt=()=>{for(let t of[...Fn])t()};W.watch(()=>{if(!W.key){for(let[t,{marks:e}]of xe)xe.set(t,{marks:e,stills:[]});Nt()}});function Ro(t){Lo();let e=n=>{xe.set(t,{...xe.get(t)??Po,...n}),Nt()};return[xe.get(t)??Po,e]}function Oo(t,e){Pe.set(e,[...Pe.get(e)??[],...xe.get(t)?.stills??[]]),xe.delete(t),Nt()}function Do(t){return Lo(),Pe.get(t)??[]}function Io(t,e){let n=(Pe.get(t)??[]).filter(o=>o!==e);n.length>0?Pe.set(t,n):Pe.delete(t),Nt()}var Fo=()=>Pe.size>0||[...xe.values()].some(({stills:t})=>t.length>0);function Lo(){let[,t]=b(0);S(()=>{let e=()=>t(n=>n+1);return Fn.add(e),()=>{Fn.delete(e)}},[])}var Nn=new Map,Ln=new Set;function Vt(t,e){Nn.set(t,e);for(let n of[...Ln])n()}var No=t=>t.state==="pending"&&t.unsealed>t.growing;async function Vo(t,e){let n=W.key;if(!n||Nn.get(t.id)?.busy)return null;Vt(t.id,{progress:null,busy:!0,trouble:null});try{let o=await vo(t,{me:e,review:n},{onProgress:a=>Vt(t.id,{progress:a,busy:!0,trouble:null})});return Vt(t.id,{progress:null,busy:!1,trouble:null}),o}catch(o){return Vt(t.id,{progress:null,busy:!1,trouble:oe(o)}),null}}function oe(t){return t instanceof Ge?V(`evidence-${t.fault}`,"error-failed",{message:t.message}):t instanceof D?ne(t)??le(t):i("error-failed",{message:t instanceof Error?t.message:String(t)})}function Bo(t){let[,e]=b(0);return S(()=>{let n=()=>e(o=>o+1);return Ln.add(n),()=>{Ln.delete(n)}},[]),Nn.get(t)??{progress:null,busy:!1,trouble:null}}var zo=["application/pdf","image/jpeg","image/png"],hi=32*1024*1024;function Bt({act:t,me:e,onChanged:n}){let o=Q(),[a,s]=b(null),[l,c]=b(0),[u,m]=b(!1),d=U(null),f=t.summary.id,h=t.may.includes("attach"),p=async v=>{c($=>$+1),s(null);try{await v(),await n()}catch($){s(oe($))}finally{c($=>$-1)}},g=v=>p(async()=>{let $=zo.find(z=>z===v.type);if(!$)return s(i("scan-wrong-kind"));if(v.size>hi)return s(i("evidence-too-large"));let E=new Uint8Array(await v.arrayBuffer()),L=[...v.name].slice(0,120).join("");await A.attach(f,await st(t,{kind:"scan",media:$,name:L,source:null,bytes:E},e))}),w=v=>{p(()=>A.detach(f,v.id))},y=t.attachments.filter(({kind:v})=>v==="still"),k=t.attachments.filter(({kind:v})=>v!=="still");return r("section",{class:"card fields","aria-labelledby":"attachments-title","data-test":"attachments",children:[r("h2",{id:"attachments-title",children:i("attachments-title")}),r(bi,{act:t,me:e,onChanged:n}),t.attachments.length===0&&r("p",{class:"hint",children:i("attachments-none")}),y.length>0&&r("ul",{class:"strip","aria-label":i("attachment-kind-still"),children:y.map(v=>r(yi,{act:t,still:v,me:e,onRemove:h?()=>w(v):null},v.id))}),k.length>0&&r("ul",{class:"papers",children:k.map(v=>r("li",{children:[r("span",{children:[r("strong",{children:i(`attachment-kind-${v.kind}`)}),": ",v.name," ",r("span",{class:"hint",children:["(",i("size-mb",{mb:ke(v.size_bytes)}),", ",O(v.created_ms,t.summary.exam.utc_offset_secs),")"]})]}),o&&r(wi,{act:t,paper:v,me:e}),h&&r("button",{type:"button",class:"small",disabled:l>0,"aria-label":i("attachment-remove",{name:v.name}),onClick:()=>w(v),children:"×"})]},v.id))}),t.attachments.length>0&&!o&&r("p",{class:"controls",children:[r("span",{class:"hint",children:i("attachments-locked")}),e.role!=="invigilator"&&e.role!=="registrar"&&r("button",{type:"button",class:"small","data-test":"unlock",onClick:()=>m(!0),children:i("unlock-submit")})]}),u&&r(Ft,{me:e,onOpen:()=>m(!1),onClose:()=>m(!1)}),h&&r("div",{class:"controls",children:[r("label",{class:"stacked",children:[r("span",{children:i("scan-add")}),r("input",{ref:d,type:"file",name:"scan",accept:zo.join(","),disabled:l>0,"aria-describedby":"scan-hint",onChange:v=>{let $=v.currentTarget.files?.[0];$&&g($).finally(()=>d.current&&(d.current.value=""))}})]}),r("small",{class:"hint",id:"scan-hint",children:i("scan-hint")})]}),r("p",{class:"live-region",role:"status",children:l>0&&i("progress-sealing")}),a&&r("p",{class:"message bad",role:"alert",children:a})]})}function bi({act:t,me:e,onChanged:n}){let o=Do(t.summary.id),[a,s]=b(null),l=U(!1),[c,u]=b(0);return S(()=>{if(o.length===0||l.current||!t.may.includes("attach"))return;l.current=!0,s(null);let m=async f=>{let h=await st(t,{kind:"still",media:"image/jpeg",name:f.name,source:f.source,bytes:f.jpeg},e);await A.attach(t.summary.id,h),Io(t.summary.id,f)};(async()=>{for(let f of o)await m(f);await n()})().catch(f=>s(oe(f))).finally(()=>{l.current=!1})},[o.length>0,c]),o.length===0?null:r("div",{class:a?"message bad":"message",role:"status","data-test":"arriving",children:[r("p",{children:a??i("stills-arriving",{count:o.length})}),a&&r("button",{type:"button",class:"small",onClick:()=>u(m=>m+1),children:i("retry")})]})}function yi({act:t,still:e,me:n,onRemove:o}){let{bytes:a,trouble:s}=vi(t,e,n),l=t.summary.exam.utc_offset_secs,c=O(e.source?.at_ms??e.created_ms,l,!0);return r("li",{children:[a?r(It,{bytes:a,media:e.media,alt:i("still-at",{time:c})}):r("span",{class:"blank",children:s??i("attachment-sealed")}),r("span",{class:"strip-line",children:[r("span",{children:c}),o&&r("button",{type:"button",class:"small","aria-label":i("still-remove",{time:c}),onClick:o,children:"×"})]})]})}function wi({act:t,paper:e,me:n}){let o=Q(),[a,s]=b(null),l=async()=>{if(o){s(null);try{let c=await A.attachment(t.summary.id,e.id),u=await Rn(t.summary.id,e,c,{me:n,review:o});zt(new Blob([u],{type:e.media}),e.name)}catch(c){s(oe(c))}}};return r(C,{children:[r("button",{type:"button",class:"small","data-test":`open-${e.kind}`,onClick:()=>{l()},children:i("attachment-save")}),a&&r("span",{class:"field-error",role:"alert",children:a})]})}function vi(t,e,n){let o=Q(),[a,s]=b({bytes:null,trouble:null});return S(()=>{let l=!1;return s({bytes:null,trouble:null}),o?((async()=>Rn(t.summary.id,e,await A.attachment(t.summary.id,e.id),{me:n,review:o}))().then(u=>l||s({bytes:u,trouble:null})).catch(u=>l||s({bytes:null,trouble:oe(u)})),()=>{l=!0}):void 0},[o,e.id]),a}function zt(t,e){let n=document.createElement("a");n.href=URL.createObjectURL(t),n.download=e,n.click(),setTimeout(()=>URL.revokeObjectURL(n.href),6e4)}function Ue(t){return{language:t.language,fields:{...t.fields},points:[...t.points],evidence:t.evidence.map(e=>({...e})),capacity:t.capacity,to_sign:t.signatories.map(({login:e,post:n})=>({login:e,post:n}))}}var Uo=({recording:t,from_ms:e,to_ms:n})=>`${t} ${e} ${n}`;function jo(t,e,n){let o=[],a=[],s=(k,v,$,E)=>$===E||E===v?$:$===v?(a.push(k),E):(o.push({key:k,mine:$,theirs:E}),$),l=(k,v,$,E,L)=>{let z=x=>new Set(x.map(L)),[X,G,_]=[z(v),z($),z(E)],M=$.filter(x=>_.has(L(x))||!X.has(L(x))),R=E.filter(x=>!G.has(L(x))&&!X.has(L(x)));return(M.length<$.length||R.length>0)&&a.push(k),[...M,...R]},c={};for(let k of new Set([...Object.keys(e.fields),...Object.keys(n.fields)]))c[k]=s(`field:${k}`,t.fields[k]??"",e.fields[k]??"",n.fields[k]??"");let u=k=>new Map(k.map(({login:v,post:$})=>[v,$])),[m,d,f]=[u(t.to_sign),u(n.to_sign),u(e.to_sign)],h=(k,v)=>k.has(v)&&m.has(v)&&k.get(v)!==m.get(v),p=t.to_sign.filter(({login:k})=>h(d,k)||h(f,k)),g=(k,v)=>[...k,...p.filter(({login:$})=>!v.has($))],y=l("signatories",t.to_sign,g(e.to_sign,f),g(n.to_sign,d),({login:k})=>k).map(({login:k,post:v})=>{let $=m.get(k)??"",[E,L]=[f.get(k),d.get(k)];return E===void 0||L===void 0?{login:k,post:E??L??v}:{login:k,post:s(`post:${k}`,$,E,L)}});return{content:{language:s("language",t.language,e.language,n.language),fields:c,points:l("points",t.points,e.points,n.points,k=>k),evidence:l("evidence",t.evidence,e.evidence,n.evidence,Uo),capacity:s("capacity",t.capacity,e.capacity,n.capacity),to_sign:y},clashes:o,taken:a}}function Ho(t,e,n){let[o,a]=[e.slice(0,e.indexOf(":")),e.slice(e.indexOf(":")+1)];return o==="field"?{...t,fields:{...t.fields,[a]:n}}:o==="post"?{...t,to_sign:t.to_sign.map(s=>s.login===a?{...s,post:n}:s)}:e==="language"?{...t,language:n}:e==="capacity"?{...t,capacity:n}:t}function at(t,e){let n=e.slice(e.indexOf(":")+1);return e.startsWith("field:")?t.fields[n]??"":e.startsWith("post:")?t.to_sign.find(({login:o})=>o===n)?.post??"":e==="language"?t.language:e==="capacity"?t.capacity:""}var qo=(t,e)=>t.startsWith("post:")||t.startsWith("field:")&&(e==="line"||e==="text"||e==="persons");function Ko(t,e,n){return[t,e].join(n==="text"||n==="persons"?`
`:" / ")}function Wo(t,e){let n=({fields:o,...a})=>JSON.stringify([Object.entries(o).filter(([,s])=>s!=="").sort(([s],[l])=>s<l?-1:1),a.language,a.points,a.evidence.map(Uo),a.capacity,a.to_sign.map(({login:s,post:l})=>[s,l])]);return n(t)===n(e)}var Go=(t,e)=>t.sections.flatMap(({fields:n})=>n).find(({name:n})=>e===`field:${n}`);function Ut(t,e){let n=Go(t,e);return n?I(n.label):e.startsWith("post:")?i("clash-post",{login:e.slice(5)}):V(`clash-${e}`,"clash-other")}function Jo({draft:t,form:e}){return t.clashes.length===0?null:r("section",{class:"message bad clashes",role:"alert","aria-labelledby":"clash-title","data-test":"conflict",children:[r("h2",{id:"clash-title",children:i("clash-title")}),r("p",{children:i("clash-lead")}),t.clashes.map(({key:n,theirs:o})=>{let a=Go(e,n),s=at(t.content,n),l=c=>c===""?i("clash-empty"):a?Be(a,c):c;return r("div",{class:"clash","data-clash":n,children:[r("h3",{children:Ut(e,n)}),r("div",{class:"clash-sides",children:[r("div",{children:[r("h4",{children:i("clash-mine")}),r("p",{class:"quote",lang:t.content.language,children:l(s)}),r("button",{type:"button",class:"small","data-test":"keep-mine",onClick:()=>t.settle(n,s),children:i("clash-keep-mine")})]}),r("div",{children:[r("h4",{children:i("clash-theirs")}),r("p",{class:"quote",lang:t.content.language,children:l(o)}),r("button",{type:"button",class:"small","data-test":"take-theirs",onClick:()=>t.settle(n,o),children:i("clash-take-theirs")})]})]}),qo(n,a?.kind)&&r("button",{type:"button",class:"small","data-test":"keep-both",onClick:()=>t.settle(n,Ko(s,o,a?.kind)),children:i("clash-keep-both")})]},n)})]})}function Yo({draft:t,form:e}){if(t.taken.length===0)return null;let n=t.taken.map(a=>Ut(e,a)),o=new Intl.ListFormat(ie(),{type:"unit"}).format(n);return r("p",{class:"message notice",role:"status","data-test":"taken",children:[i("draft-taken",{fields:o}),r("button",{type:"button",class:"small","aria-label":i("close"),onClick:()=>t.seen(),children:"×"})]})}var Zo="room",Vn="";function jt({exam:t,recording:e,range:n,stills:o,me:a,onClose:s}){let[l,c]=b(null),[u,m]=b([]),[d,f]=b([]),[h,p]=b(""),[g,w]=b(e?.kind==="candidate"?e.id:Vn),[y,k]=b(""),[v,$]=b(ie()),[E,L]=b(null),{busy:z,trouble:X,run:G}=ee(ne);S(()=>{(async()=>{let[B,rn,Oe]=await Promise.all([A.forms(),A.recordings(t.id),e?A.acts("draft"):null]),me=B.filter(({access:De})=>De.draft.includes(a.role)||a.role==="admin"&&De.draft.includes("reviewer"));c(me),p(me[0]?.kind??""),m(rn.filter(De=>De.kind==="candidate")),f(Oe?.acts.filter(De=>De.exam.id===t.id)??[])})().catch(B=>L(Mn(B)))},[]);let _=l?.find(T=>T.kind===h),M=e&&n?[{recording:e.id,from_ms:n.fromMs,to_ms:n.toMs}]:[],R=()=>{G(async()=>{let T=_?.about==="student"&&g!==Zo?g:null,B=y?await _i(y,M):await A.draft({kind:h,exam:t.id,recording:T,language:v,evidence:M,fields:{},points:[],refers_to:null});e&&Oo(e.id,B.summary.id),location.hash=`#/act/${B.summary.id}`})},x=t.utc_offset_secs;return r(K,{title:i(e?"draw-up":"draw-up-on-the-spot"),busy:z,trouble:X??E,action:i(y?"draw-up-add":"draw-up-open"),onSubmit:R,onClose:s,disabled:!y&&(!_||_.about==="student"&&g===Vn),children:[!l&&!E&&r("p",{class:"hint",role:"status",children:i("loading")}),e&&r("p",{class:"hint",children:[n?i("draw-up-cites",{who:e.who,from:O(n.fromMs,x,!0),to:P(n.toMs,x)}):i("draw-up-cites-nothing"),o>0&&` ${i("draw-up-stills",{count:o})}`]}),l?.length===0&&r("p",{class:"message warn",children:i("draw-up-no-form")}),d.length>0&&r("label",{class:"stacked",children:[r("span",{children:i("draw-up-into")}),r("select",{name:"into",value:y,onChange:T=>k(T.currentTarget.value),children:[r("option",{value:"",children:i("draw-up-new")}),d.map(T=>r("option",{value:T.id,children:ki(T,l)},T.id))]})]}),!y&&l&&l.length>0&&r(C,{children:[r("fieldset",{children:[r("legend",{children:i("draw-up-kind")}),l.map(T=>r("label",{class:"choice",children:[r("input",{type:"radio",name:"kind",value:T.kind,checked:T.kind===h,onChange:()=>p(T.kind)}),r("span",{children:[I(T.title)," ",r("small",{class:"hint",children:T.source})]})]},T.kind))]}),_?.about==="student"&&r("label",{class:"stacked",children:[r("span",{children:i("draw-up-whom")}),r("select",{name:"whom",value:g,onChange:T=>w(T.currentTarget.value),children:[r("option",{value:Vn,children:i("draw-up-choose")}),u.map(({id:T,who:B})=>r("option",{value:T,children:B},T)),r("option",{value:Zo,children:i("draw-up-nobody")})]})]}),r(Bn,{value:v,onChange:$})]}),r("p",{class:"hint",children:i(e&&n?"draw-up-hold-hint":"draw-up-later-hint")})]})}function Bn({value:t,onChange:e}){return r("label",{class:"stacked",children:[r("span",{children:i("act-language")}),r("select",{name:"act-language",value:t,onChange:n=>e(n.currentTarget.value),children:Ee.map(({code:n,name:o})=>r("option",{value:n,lang:n,children:o},n))})]})}function ki(t,e){let n=e?.find(({kind:o})=>o===t.kind);return`${t.subject??i("draw-up-nobody")}: ${n?I(n.title):t.kind}`}async function _i(t,e){let n=await A.act(t);for(let o=0;e.length>0;o++){let a=Ue(n);try{return await A.saveDraft(t,{revision:n.revision,...a,evidence:[...a.evidence,...e]})}catch(s){if(!(s instanceof D&&s.status===409)||o>4)throw s;n=await A.act(t)}}return n}function je({hold:t,me:e,auto:n=!1,onSealed:o}){let a=Q(),{progress:s,busy:l,trouble:c}=Bo(t.id),u=U(""),m=a!==null&&No(t),d=()=>{Vo(t,e).then(h=>h&&o?.(h))},f=`${t.unsealed} ${t.growing}`;return S(()=>{!n||!m||l||u.current===f||(u.current=f,d())},[n,m,l,f]),r("span",{class:"hold-state","data-hold":t.state,children:[r(j,{tone:t.state==="effective"?"good":t.state==="pending"?"warn":"plain",children:i(`hold-state-${t.state}`)}),t.state==="pending"&&t.growing>0&&r("span",{class:"hint",children:i("hold-growing",{count:t.growing})}),t.over_retention&&r("span",{class:"hint bad-text",children:i("hold-over-retention")}),l?r(it,{progress:s}):m&&r("button",{type:"button",class:"small","data-test":"seal",onClick:d,children:i("hold-seal")}),t.state==="pending"&&a===null&&r("span",{class:"hint",children:i("hold-needs-key")}),c&&r("span",{class:"field-error",role:"alert",children:c})]})}function it({progress:t}){let e=i(t?`progress-${t.stage}`:"working"),n=t&&t.total>0?t.done/t.total:null;return r("span",{class:"progress-line",children:[r("span",{role:"status",children:e}),r("progress",{"aria-label":e,...n===null?{}:{max:1,value:n}})]})}function Ht({act:t,evidence:e,me:n,onChange:o,onSealed:a}){let s=t.summary.exam.utc_offset_secs,l=`#/exam/${t.summary.exam.id}`,c=n.role!=="invigilator";return r("section",{class:"card fields",id:"field-evidence",tabIndex:-1,"aria-labelledby":"evidence-title",children:[r("h2",{id:"evidence-title",children:i("evidence-title")}),e.length===0&&r("p",{class:"hint",children:i("evidence-none")}),r("ul",{class:"evidence",children:e.map(u=>{let m=xi(t,u),d=`${O(u.from_ms,s,!0)} – ${P(u.to_ms,s)}`;return r("li",{children:[r("span",{children:[r("strong",{children:m?.who??t.summary.subject??i("recording-kind-room")}),", ",d," ",r("span",{class:"hint",children:["(",te(u.to_ms-u.from_ms),")"]})]}),m&&r(je,{hold:m,me:n,auto:!0,onSealed:a}),r("span",{class:"group",children:[c&&r("a",{href:`#/recording/${u.recording}?t=${$i(t,u)}`,children:i("evidence-watch")}),o&&r("button",{type:"button",class:"small","aria-label":i("evidence-remove",{range:d}),onClick:()=>o(e.filter(f=>f!==u)),children:"×"})]})]},`${u.recording} ${u.from_ms} ${u.to_ms}`)})}),o&&c&&r("p",{class:"hint",children:[r("a",{href:t.recording?`#/recording/${t.recording}`:l,children:i("evidence-add")})," ",i("evidence-add-hint")]})]})}function xi(t,{recording:e,from_ms:n,to_ms:o}){return t.holds.find(a=>a.recording===e&&a.from_ms===n&&a.to_ms===o&&a.state!=="released")}var $i=(t,{from_ms:e})=>Math.floor((e-t.summary.exam.starts_ms)/1e3);var Qo=t=>[...t].length;function es(t){let{field:e,problem:n}=t,o=ot(e.name),a=r(C,{children:[I(e.label),e.required&&r("abbr",{class:"required",title:i("field-required"),children:"*"})]}),s=r(C,{children:[Xo(e)&&e.hint&&r("small",{class:"hint",id:`${o}-hint`,children:I(e.hint)}),n&&n!=="missing"&&r("small",{class:"field-error",id:`${o}-problem`,children:i(`problem-${n}`)})]}),l=[Xo(e)&&e.hint&&`${o}-hint`,n&&n!=="missing"&&`${o}-problem`,ts(t)&&`${o}-count`].filter(Boolean).join(" ")||void 0;if(e.kind==="choice"||e.kind==="yes-no")return r("fieldset",{id:o,class:"field wide",tabIndex:-1,"aria-describedby":l,children:[r("legend",{children:a}),Mi(e).map(({value:u,text:m})=>r("label",{class:"choice",children:[r("input",{type:"radio",name:e.name,value:u,checked:t.value===u,onChange:()=>t.onInput(u)})," ",m]},u)),s]});if(e.kind==="persons")return r("fieldset",{id:o,class:"field wide",tabIndex:-1,"aria-describedby":l,children:[r("legend",{children:a}),r(Ti,{...t}),s]});let c={id:o,name:e.name,value:t.value,"aria-describedby":l,"aria-invalid":n!==null&&n!=="missing","aria-required":e.required};return r("div",{class:e.kind==="text"||e.max_chars>400?"field wide":"field",children:[r("label",{for:o,children:a}),e.kind==="text"?r("textarea",{...c,lang:t.language,rows:e.max_chars>3e3?7:4,onInput:u=>t.onInput(u.currentTarget.value)}):e.kind==="date"?r("input",{...c,type:"date",onInput:u=>t.onInput(u.currentTarget.value)}):r("input",{...c,lang:t.language,autocomplete:"off",onInput:u=>t.onInput(u.currentTarget.value)}),r(Si,{...t}),s]})}var Xo=({kind:t})=>t!=="persons",Mi=t=>t.kind==="yes-no"?["yes","no"].map(e=>({value:e,text:i(`answer-${e}`)})):t.choices.map(({id:e,label:n})=>({value:e,text:I(n)})),ts=({field:t,value:e})=>t.kind==="text"||t.kind==="line"&&Qo(e)>t.max_chars*.8;function Si(t){let{field:e,value:n}=t;if(!ts(t))return null;let o=Qo(n);return r("small",{class:o>e.max_chars?"counter field-error":"counter hint",id:`${ot(e.name)}-count`,children:i("field-chars",{used:o,most:e.max_chars})})}function Ti({field:t,value:e,language:n,onInput:o}){let a=Rt(e),s=(c,u)=>o(En(a.map((m,d)=>d===c?{...m,...u}:m))),l=c=>o(En(a.filter((u,m)=>m!==c)));return r("div",{class:"persons",children:[a.map((c,u)=>r("div",{class:"person",children:[r("input",{"aria-label":i("person-name",{number:u+1}),placeholder:i("person-name-short"),lang:n,autocomplete:"off",value:c.name,onInput:m=>s(u,{name:m.currentTarget.value})}),r("input",{"aria-label":i("person-post",{number:u+1}),placeholder:i("person-post-short"),lang:n,autocomplete:"off",value:c.post,onInput:m=>s(u,{post:m.currentTarget.value})}),r("button",{type:"button",class:"small",disabled:a.length===1&&e==="","aria-label":i("person-remove",{number:u+1}),onClick:()=>l(u),children:"×"})]},u)),r("button",{type:"button",class:"small","data-test":`add-${t.name}`,onClick:()=>o(`${e}
`),children:i("person-add")})]})}var Ei=500;function ns({recording:t,range:e,me:n,onClose:o}){let[a,s]=b("appeal"),[l,c]=b(""),[u,m]=b(null),{busy:d,trouble:f,run:h}=ee(y=>y.status===410?i("hold-nothing-left"):null),p=t.exam.utc_offset_secs,g=()=>{h(async()=>m(await A.hold({recording:t.id,from_ms:e.fromMs,to_ms:e.toMs,tracks:null,reason:a,note:l.trim()})))},w=`${O(e.fromMs,p,!0)} – ${P(e.toMs,p)}`;return u?r(K,{title:i("hold-put-done"),onClose:o,children:[r("p",{children:[t.who,", ",w]}),r(je,{hold:u,me:n,auto:!0,onSealed:m}),r("p",{class:"hint",children:i("hold-state-hint")})]}):r(K,{title:i("hold-put"),busy:d,trouble:f,action:i("hold-put"),onSubmit:g,onClose:o,disabled:l.trim()==="",children:[r("p",{children:[t.who,", ",w]}),r("p",{class:"hint",children:i("hold-covers")}),r("fieldset",{children:[r("legend",{children:i("hold-reason")}),["appeal","other"].map(y=>r("label",{class:"choice",children:[r("input",{type:"radio",name:"reason",value:y,checked:a===y,onChange:()=>s(y)})," ",i(`hold-reason-${y}`)]},y))]}),r(Re,{label:i("hold-note"),value:l,onInput:c})]})}function Re({label:t,value:e,onInput:n}){return r("label",{class:"stacked",children:[r("span",{children:t}),r("textarea",{name:"note",rows:3,required:!0,maxLength:Ei,value:e,onInput:o=>n(o.currentTarget.value)})]})}var rs=900,Ci=4e3,qt=class{constructor(e,n){this.act=e;this.server=n;this.base=Ue(e),this.content=Ue(e)}act;server;content;state="saved";clashes=[];taken=[];error=null;base;timer=null;running=null;listeners=new Set;get id(){return this.act.summary.id}get unsaved(){return!Wo(this.base,this.content)}get changedFields(){return[...new Set([...Object.keys(this.base.fields),...Object.keys(this.content.fields)])].filter(n=>(this.base.fields[n]??"")!==(this.content.fields[n]??""))}watch(e){return this.listeners.add(e),()=>this.listeners.delete(e)}edit(e){this.content={...this.content,...e},this.state!=="conflict"&&this.state!=="closed"&&(this.unsaved&&(this.state="waiting"),this.plan(rs)),this.changed()}setField(e,n){this.edit({fields:{...this.content.fields,[e]:n}})}settle(e,n){this.content=Ho(this.content,e,n),this.clashes=this.clashes.filter(o=>o.key!==e),this.clashes.length===0&&this.state==="conflict"&&(this.state="waiting",this.plan(0)),this.changed()}seen(){this.taken=[],this.changed()}async flush(){for(this.stopTimer();this.running;)await this.running;return this.clashes.length>0||this.state==="closed"?!1:this.unsaved?(this.running=this.saveOnce().finally(()=>{this.running=null}),await this.running,this.state==="saved"):(this.state="saved",this.changed(),!0)}meet(e){this.running||e.revision<this.act.revision||(this.take(e),this.changed())}async saveOnce(){this.state="saving",this.error=null,this.changed();let e=this.content;try{let n=await this.server.save(this.id,{revision:this.act.revision,...e});this.act=n,this.base=e,this.state=this.unsaved?"waiting":"saved",this.unsaved&&this.plan(rs)}catch(n){this.failed(n instanceof D?n:new D(0,this.id))}this.changed()}failed(e){this.error=e;let n=e.body.current;if(e.status===409&&n){this.take(n);return}this.state=e.status===401?"signed-out":e.status===0||e.status>=500||e.status===429?"offline":"refused",this.state==="offline"&&this.plan(Ci)}take(e){let n=Ue(e),o=e.revision>this.act.revision;if(this.act=e,o){let{content:a,clashes:s,taken:l}=jo(this.base,this.content,n),c=this.clashes.filter(({key:u})=>!s.some(m=>m.key===u)&&at(n,u)!==at(a,u));this.clashes=[...c,...s],this.taken=[...new Set([...this.taken,...l])],this.base=n,this.content=a}e.may.includes("edit")?this.clashes.length>0?this.state="conflict":o&&(this.state=this.unsaved?"waiting":"saved",this.unsaved&&this.plan(0)):(this.state=this.unsaved?"closed":"saved",this.stopTimer())}plan(e){this.stopTimer(),this.timer=setTimeout(()=>{this.flush()},e)}stopTimer(){this.timer!==null&&clearTimeout(this.timer),this.timer=null}changed(){for(let e of[...this.listeners])e()}};var $e=new Map,Kt=new Set;function os(t,e){let n=$e.get(e.summary.id);if(n?.login===t)return n.draft.meet(e),n.draft;let o=new qt(e,{save:A.saveDraft});return $e.set(e.summary.id,{login:t,draft:o}),o.watch(()=>{for(let a of[...Kt])a()}),o}var Wt=t=>[...$e.values()].filter(e=>e.login===t&&e.draft.unsaved).map(({draft:e})=>e);function Gt(t){return Kt.add(t),()=>Kt.delete(t)}function ss(t){t.flush().then(e=>{e&&$e.get(t.id)?.draft===t&&$e.delete(t.id)})}function Jt(t){$e.delete(t);for(let e of[...Kt])e()}async function as(){return(await Promise.all([...$e.values()].filter(({draft:e})=>e.unsaved).map(({draft:e})=>e.flush()))).every(Boolean)}function is(){addEventListener("beforeunload",t=>{([...$e.values()].some(({draft:e})=>e.unsaved)||Fo())&&t.preventDefault()})}function ls({act:t,form:e,me:n,onAct:o,again:a,draft:s}){let[l,c]=b(null),[u,m]=b(null),[d,f]=b(null),h=t.summary.id,p=async()=>{f(null),m("working");try{if(!await s.flush())return f(i("draft-not-saved"));let g=await a();if(g.attachments.some(({kind:w})=>w==="still")){if(!W.key)return c("unlock");await Ai(g,e,n,w=>m(w)),g=await a()}o(await A.forSignature(h,g.revision)),document.getElementById("main")?.focus()}catch(g){f(g instanceof D?ne(g)??oe(g):oe(g)),g instanceof D&&await a().catch(()=>{})}finally{m(null)}};return r("section",{class:"card finish","aria-labelledby":"finish-title",children:[r("h2",{id:"finish-title",children:i("finish-title")}),r("p",{class:"controls",children:[r("span",{children:i("act-preview")}),r(zn,{id:h})]}),t.attachments.some(({kind:g})=>g==="still")&&r("p",{class:"hint",children:i("finish-annex")}),r("div",{class:"controls",children:[t.may.includes("for-signature")&&r("button",{type:"button",class:"primary","data-test":"for-signature",disabled:u!==null,onClick:()=>{p()},children:i("finish-send")}),t.may.includes("discard")&&r("button",{type:"button",class:"danger","data-test":"discard",disabled:u!==null,onClick:()=>c("discard"),children:i("discard")}),u!==null&&r(it,{progress:u==="working"?null:u})]}),d&&r("p",{class:"message bad",role:"alert","data-test":"finish-trouble",children:d}),l==="discard"&&r(Un,{act:t,onAct:o,onClose:()=>c(null)}),l==="unlock"&&r(Ft,{me:n,onOpen:()=>(c(null),void p()),onClose:()=>c(null)})]})}async function Ai(t,e,n,o){let a=W.key;if(!a)return;let{summary:s,language:l}=t,c=await _o(t,{me:n,review:a},{onProgress:o}),u=await xo({language:l,organisation:n.organisation,title:e.title[l],act:s.id,number:s.number_text,exam:s.exam.title,subject:s.subject,utcOffsetSecs:s.exam.utc_offset_secs,madeMs:t.now_ms,stills:c}),m=await st(t,{kind:"annex",media:"application/pdf",name:`annex-${l}.pdf`,source:null,bytes:u},n);for(let{id:d}of t.attachments.filter(({kind:f})=>f==="annex"))await A.detach(s.id,d);await A.attach(s.id,m)}function zn({id:t}){return r("span",{class:"group",children:Ee.map(({code:e,name:n})=>r("a",{class:"button small",lang:e,hreflang:e,target:"_blank",rel:"noopener","data-test":`pdf-${e}`,href:ar(t,e),children:["PDF · ",n]},e))})}function Un({act:t,onAct:e,onClose:n}){let[o,a]=b(""),{busy:s,trouble:l,run:c}=ee(ne),u=()=>{c(async()=>{let m=await A.discard(t.summary.id,o.trim());Jt(t.summary.id),e(m),n()})};return r(K,{title:i("discard-title"),busy:s,trouble:l,danger:!0,action:i("discard-do"),onSubmit:u,onClose:n,disabled:o.trim()==="",children:[r("p",{children:i("discard-what")}),r(Re,{label:i("discard-note"),value:o,onInput:a})]})}function cs({form:t,people:e,value:n,onChange:o}){let[a,s]=b(""),l=new Set(n.map(({login:d})=>d)),c=e.filter(({login:d,role:f})=>t.access.sign.includes(f)&&!l.has(d)),u=d=>e.find(f=>f.login===d)?.name??d,m=()=>{let d=c.find(({login:f})=>f===a);d&&(o([...n,{login:d.login,post:d.post}]),s(""))};return r("section",{class:"card fields",id:"field-signatories",tabIndex:-1,"aria-labelledby":"signers-title",children:[r("h2",{id:"signers-title",children:i("signers-title")}),r("p",{class:"hint",children:i("signers-hint",{least:t.signatures.min,most:t.signatures.at_most})}),n.length>0&&r("ol",{class:"signers",children:n.map(({login:d,post:f})=>r("li",{"data-signer":d,children:[r("span",{class:"signer-name",children:u(d)}),r("label",{class:"stacked",children:[r("span",{children:i("signer-post")}),r("input",{value:f,maxLength:200,autocomplete:"off",onInput:h=>o(n.map(p=>p.login===d?{login:d,post:h.currentTarget.value}:p))})]}),r("button",{type:"button",class:"small","aria-label":i("signer-remove",{name:u(d)}),onClick:()=>o(n.filter(h=>h.login!==d)),children:"×"})]},d))}),n.length<t.signatures.at_most&&r("div",{class:"controls",children:[r("label",{class:"inline",children:[i("signer-who"),r("select",{name:"signer",value:a,onChange:d=>s(d.currentTarget.value),children:[r("option",{value:"",children:c.length===0?i("signer-nobody"):i("signer-choose")}),c.map(d=>r("option",{value:d.login,children:d.post?`${d.name} (${d.post})`:d.name},d.login))]})]}),r("button",{type:"button","data-test":"add-signer",disabled:a==="",onClick:m,children:i("signer-add")})]})]})}function ds(t){let{act:e,form:n,people:o,me:a,again:s}=t,l=Pi(t),{content:c}=l,u=new Map(e.problems.map(({field:m,problem:d})=>[m,d]));return r("div",{class:"editor",children:[r(Ri,{draft:l}),e.returned&&r("p",{class:"message warn","data-test":"returned",children:i("act-returned",{who:e.returned.by,when:O(e.returned.at_ms,e.summary.exam.utc_offset_secs),note:e.returned.note})}),r(Jo,{draft:l,form:n}),r(Yo,{draft:l,form:n}),r("p",{class:"preamble",children:I(n.preamble)}),r("section",{class:"card fields","aria-labelledby":"drawn-title",children:[r("h2",{id:"drawn-title",children:i("drawn-up-title")}),r("fieldset",{id:"field-capacity",class:"field",tabIndex:-1,children:[r("legend",{children:[i("drawn-up-capacity",{name:e.drawn_up_by}),r("abbr",{class:"required",title:i("field-required"),children:"*"})]}),n.drawn_up_by.map(({id:m,label:d})=>r("label",{class:"choice",children:[r("input",{type:"radio",name:"capacity",value:m,checked:c.capacity===m,onChange:()=>l.edit({capacity:m})})," ",I(d)]},m))]}),r(Bn,{value:c.language,onChange:m=>l.edit({language:m})})]}),n.sections.map((m,d)=>r("section",{class:"card fields sections","aria-labelledby":`section-${d}`,children:[r("h2",{id:`section-${d}`,children:I(m.title)}),m.fields.map(f=>r(es,{field:f,value:c.fields[f.name]??"",language:c.language,problem:u.get(f.name)??null,onInput:h=>l.setField(f.name,h)},f.name))]},d)),n.points.length>0&&r(Oi,{form:n,chosen:c.points,onChange:m=>l.edit({points:m})}),r(Ht,{act:e,evidence:c.evidence,me:a,onChange:m=>l.edit({evidence:m}),onSealed:()=>{s()}}),r(Bt,{act:e,me:a,onChanged:async()=>{await s()}}),r(cs,{form:n,people:o,value:c.to_sign,onChange:m=>l.edit({to_sign:m})}),r(Di,{form:n,problems:e.problems}),r(ls,{...t,draft:l})]})}function Pi({act:t,me:e}){let[n]=b(()=>os(e.login,t)),[,o]=b(0);return S(()=>{let a=n.watch(()=>o(s=>s+1));return n.unsaved&&n.flush(),()=>{a(),ss(n)}},[n]),S(()=>n.meet(t),[t]),n}function Ri({draft:t}){let e={saved:"good",waiting:"plain",saving:"plain",offline:"warn","signed-out":"warn",conflict:"bad",refused:"bad",closed:"bad"}[t.state],n=t.state==="refused"?t.error?.body.message??"":"";return r("div",{class:"save-line",children:[r("span",{class:`chip ${e}`,role:"status","data-test":"save-state","data-state":t.state,children:i(`save-${t.state}`)}),n&&r("span",{class:"field-error",children:n}),(t.state==="offline"||t.state==="refused"||t.state==="signed-out")&&r("button",{type:"button",class:"small",onClick:()=>{t.flush()},children:i("save-now")})]})}function Oi({form:t,chosen:e,onChange:n}){let o=(a,s)=>n(s?[...e,a]:e.filter(l=>l!==a));return r("section",{class:"card points","aria-labelledby":"points-title",children:[r("fieldset",{id:"field-points",class:"field",tabIndex:-1,children:[r("legend",{children:r("h2",{id:"points-title",children:i("points-title")})}),t.points.map(({id:a,source:s,text:l})=>r("label",{class:"choice",children:[r("input",{type:"checkbox",name:"point",value:a,checked:e.includes(a),onChange:c=>o(a,c.currentTarget.checked)}),r("span",{children:[r("span",{class:"source",children:s})," ",I(l)]})]},a))]}),t.aids.length>0&&r("aside",{"aria-labelledby":"aids-title",children:[r("h3",{id:"aids-title",children:i("aids-title")}),r("ul",{children:t.aids.map(({source:a,text:s},l)=>r("li",{children:[r("span",{class:"source",children:a})," ",I(s)]},l))})]})]})}function Di({form:t,problems:e}){if(e.length===0)return null;let n=a=>{let s=t.sections.flatMap(({fields:l})=>l).find(l=>l.name===a);return s?I(s.label):V(`place-${a}`,"clash-other")},o=a=>{let s=document.getElementById(ot(a));s?.scrollIntoView({block:"center"}),s?.focus({preventScroll:!0})};return r("section",{class:"message warn problems","aria-labelledby":"problems-title","data-test":"problems",children:[r("h2",{id:"problems-title",children:i("problems-title",{count:e.length})}),r("ul",{children:e.map(({field:a,problem:s})=>r("li",{children:[r("button",{type:"button",class:"link",onClick:()=>o(a),children:n(a)}),": ",V(`problem-${s}`,"problem-other")]},`${a} ${s}`))})]})}function us({act:t}){let{summary:e}=t,n=e.exam.utc_offset_secs,o=[{at:e.created_ms,what:i("event-drafted"),who:t.drawn_up_by,more:""},...t.signatories.flatMap(({name:a,post:s,signed_ms:l})=>l===null?[]:[{at:l,what:i("event-signature"),who:a,more:s}]),...e.signed_ms===null?[]:[{at:e.signed_ms,what:i("event-signed",{number:e.number_text??""}),who:"",more:""}],...t.events.map(({event:a,at_ms:s,by:l,detail:c})=>({at:s,what:V(`event-${a}`,"event-other"),who:l??"",more:Ii(c,n)}))].sort((a,s)=>a.at-s.at);return r("section",{class:"card fields","aria-labelledby":"history-title",children:[r("h2",{id:"history-title",children:i("history-title")}),r("ol",{class:"history",children:o.map(({at:a,what:s,who:l,more:c},u)=>r("li",{children:[r("time",{children:O(a,n,!0)})," ",r("span",{children:[r("strong",{children:s}),l&&`: ${l}`,c&&r("span",{class:"hint",children:[" (",c,")"]})]})]},u))})]})}function Ii(t,e){let n=Number(t.cancelled_ms),o=["receiver","to_name","to_post","routing","note","language"].map(a=>t[a]??"");return[...n>0?[O(n,e)]:[],...o].filter(a=>a!=="").join(", ")}function ms({act:t,form:e,me:n}){let[,o]=b(0);S(()=>Gt(()=>o(u=>u+1)),[]);let a=Wt(n.login).find(({id:u})=>u===t.summary.id);if(S(()=>a?.meet(t),[t,a]),!a)return null;let s=a.changedFields,c=e.sections.flatMap(u=>u.fields).filter(({name:u})=>s.includes(u)).map(u=>`${Ut(e,`field:${u.name}`)}:
${Be(u,a.content.fields[u.name]??"")}`).join(`

`);return r("section",{class:"message bad stranded",role:"alert","data-test":"stranded",children:[r("h2",{children:i("save-closed")}),r("p",{children:i("draft-stranded")}),c!==""&&r("textarea",{rows:8,readOnly:!0,"aria-label":i("draft-stranded-text"),value:c}),r("button",{type:"button",class:"small",onClick:()=>Jt(a.id),children:i("draft-stranded-done")})]})}function ps({act:t,form:e,me:n}){let{summary:o,language:a}=t,s=e.points.filter(({id:u})=>t.points.includes(u)),l=e.drawn_up_by.find(({id:u})=>u===t.capacity),c=o.cancel_until_ms===null?null:e.limit;return r("article",{class:"card sheet","aria-labelledby":"sheet-title","data-test":"sheet",children:[r("p",{class:"sheet-organisation",children:n.organisation}),r("h2",{id:"sheet-title",children:[I(e.title)," ",o.number_text&&`№ ${o.number_text}`]}),e.subtitle&&r("p",{class:"sheet-subtitle",children:I(e.subtitle)}),r("p",{children:I(e.preamble)}),e.sections.map((u,m)=>{let d=u.fields.filter(({name:f})=>(t.fields[f]??"").trim()!=="");return d.length===0?null:r("section",{children:[r("h3",{children:I(u.title)}),r("dl",{class:"sheet-fields",children:d.map(f=>r("div",{children:[r("dt",{children:I(f.label)}),r("dd",{lang:["line","text","persons"].includes(f.kind)?a:void 0,children:Be(f,t.fields[f.name]??"")})]},f.name))})]},m)}),s.length>0&&r("section",{children:[r("h3",{children:i("points-title")}),r("ul",{class:"dots",children:s.map(({id:u,source:m,text:d})=>r("li",{children:[r("span",{class:"source",children:m})," ",I(d)]},u))})]}),r("section",{children:[r("h3",{children:i("sheet-decision")}),r("p",{children:I(e.decision)}),c&&r("p",{children:I(c).replace("{date}",O(o.cancel_until_ms??0,Dt(o)))}),e.appeal&&r("p",{children:I(e.appeal)})]}),r("section",{children:[r("h3",{children:i("sheet-signatures")}),r("p",{class:"hint",children:i("act-drawn-up-by",{who:t.drawn_up_by,capacity:l?I(l.label):""})}),r("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("sheet-signatures"),children:r("table",{children:[r("thead",{children:r("tr",{children:[r("th",{scope:"col",children:i("person-name-short")}),r("th",{scope:"col",children:i("person-post-short")}),r("th",{scope:"col",children:i("sheet-signed")})]})}),r("tbody",{children:t.signatories.map(({login:u,name:m,post:d,signed_ms:f})=>r("tr",{"data-signatory":u,children:[r("th",{scope:"row",children:m}),r("td",{lang:a,children:d}),r("td",{children:f===null?i("sheet-not-signed"):O(f,o.exam.utc_offset_secs,!0)})]},u))})]})})]})]})}var Fi="abcdefghijkmnpqrstuvwxyz23456789";function jn(){let t=[...crypto.getRandomValues(new Uint8Array(20))].map(e=>Fi[e&31]);return[0,4,8,12,16].map(e=>t.slice(e,e+4).join("")).join("-")}var Li=["none","keys","passphrase"],fs={kind:"none",keys:"",passphrase:""};function gs({kind:t,keys:e,passphrase:n}){return t==="keys"?{kind:t,keys:e.split(`
`)}:t==="passphrase"?{kind:t,passphrase:n}:null}var Ni=["recipient","no-recipient","secret-key","short-passphrase"],hs=t=>t instanceof Ge&&Ni.includes(t.fault);function bs({choice:t,onChange:e,disabled:n,invalid:o}){let a=Le(),s=l=>e({...t,kind:l,passphrase:t.passphrase||(l==="passphrase"?jn():"")});return r(C,{children:[r("fieldset",{disabled:n,children:[r("legend",{children:i("seal-for")}),Li.map(l=>r("label",{class:"choice",children:[r("input",{type:"radio",name:"seal-for",value:l,checked:t.kind===l,onChange:()=>s(l)})," ",i(`seal-${l}`)]},l))]}),t.kind==="keys"&&r("label",{class:"stacked",children:[r("span",{children:i("seal-keys-label")}),r("textarea",{name:"recipients",class:"code",rows:3,required:!0,disabled:n,spellcheck:!1,autocapitalize:"off",autocomplete:"off",placeholder:"age1…","aria-invalid":o,"aria-describedby":a,value:t.keys,onInput:l=>e({...t,keys:l.currentTarget.value})})]}),t.kind==="passphrase"&&r("div",{class:"stacked",children:[r("label",{class:"stacked",children:[r("span",{children:i("seal-passphrase-label")}),r("input",{name:"bundle-passphrase",class:"code",required:!0,disabled:n,spellcheck:!1,autocapitalize:"off",autocomplete:"off","aria-invalid":o,"aria-describedby":a,value:t.passphrase,onInput:l=>e({...t,passphrase:l.currentTarget.value})})]}),r("p",{class:"copy-line",children:[r(Hn,{text:t.passphrase},t.passphrase),r("button",{type:"button",class:"small",disabled:n,onClick:()=>e({...t,passphrase:jn()}),children:i("seal-passphrase-new")})]})]}),r("p",{class:"hint",id:a,children:i(`seal-${t.kind}-hint`)})]})}function Hn({text:t}){let[e,n]=b(null),o=async()=>{n(await navigator.clipboard.writeText(t).then(()=>"copied",()=>"copy-failed"))};return r(C,{children:[r("button",{type:"button",class:"small","data-test":"copy",onClick:()=>{o()},children:i("copy")}),r("span",{role:"status",class:"hint",children:e&&i(e)})]})}function ys({act:t,me:e,onClose:n}){let o=Q(),[a,s]=b(""),[l,c]=b(fs),[u,m]=b(null),[d,f]=b(null),[h,p]=b(null),g=U(new AbortController);S(()=>()=>g.current.abort(),[]);let w=async()=>{let y=W.key;if(y){p(null),m("working");try{let k=await $o(t.summary.id,a.trim(),{me:e,review:y},{onProgress:m,signal:g.current.signal},gs(l));f(k),zt(k.blob,k.name)}catch(k){g.current.signal.aborted||p(k)}finally{m(null)}}};return o?d?r(K,{title:i("bundle-done"),onClose:n,children:[r("p",{role:"status",children:i("bundle-ready",{files:d.files,mb:ke(d.blob.size)})}),r("p",{children:r("button",{type:"button","data-test":"save-bundle",onClick:()=>zt(d.blob,d.name),children:i("bundle-save-again")})}),l.kind==="passphrase"&&r(C,{children:[r("label",{class:"stacked",children:[r("span",{children:i("seal-passphrase-label")}),r("input",{name:"passphrase-made",class:"code",readOnly:!0,"aria-describedby":"passphrase-once",value:l.passphrase,onFocus:y=>y.currentTarget.select()})]}),r("p",{class:"hint",id:"passphrase-once",children:i("seal-passphrase-once")}),r("p",{class:"copy-line",children:r(Hn,{text:l.passphrase})})]}),r("p",{class:"hint",children:[i("bundle-check")," ",r("code",{children:["invigil-server verify --institution ",e.institution," ",d.name,l.kind==="keys"&&" --identity key.txt"]})]}),l.kind!=="none"&&r("p",{class:"hint",children:[i("bundle-open")," ",r("code",{children:["age --decrypt ",l.kind==="keys"&&"--identity key.txt ","--output ",d.name.replace(/\.age$/,"")," ",d.name]})]})]}):r(K,{title:i("step-bundle"),busy:u!==null,trouble:h===null?null:oe(h),action:i("bundle-make"),onSubmit:()=>{w()},onClose:n,disabled:a.trim()==="",children:[r("p",{children:i("bundle-lead")}),r("label",{class:"stacked",children:[r("span",{children:i("bundle-receiver")}),r("input",{name:"receiver",required:!0,maxLength:200,autocomplete:"off",value:a,onInput:y=>s(y.currentTarget.value)})]}),r("p",{class:"hint",children:i("bundle-receiver-hint")}),r(bs,{choice:l,onChange:y=>(c(y),p(null)),disabled:u!==null,invalid:hs(h)}),u!==null&&r(it,{progress:u==="working"?null:u})]}):r(K,{title:i("step-bundle"),onClose:n,children:[r("p",{children:i("unlock-first-why")}),r(_e,{me:e})]})}var Vi=["reviewer","board","admin"];function qn(t,e,n,o){if(e==="revokes"||t.evidence.length===0)return null;if(!Vi.includes(n))return"role";let{cancel_until_ms:a}=t.summary;return o??(a!==null&&a<=t.now_ms?"late":null)}function ws(t){return t.body.error==="too-late"?"late":t.status===410?"gone":null}function vs(t,e,n){let{summary:o}=t;return{kind:o.kind,exam:o.exam.id,recording:t.recording,language:t.language,evidence:e==="revokes"||n!==null?[]:t.evidence,fields:{},points:[],refers_to:{act:o.id,relation:e}}}var ks=t=>["corrects","supplements","revokes"].filter(e=>!(e==="revokes"&&t.refers_to?.relation==="revokes")&&!(e==="corrects"&&t.summary.corrected_by!==null));var Bi=["sign","pass-on","cancel-grade","bundle","correct","back-to-draft","discard"],zi=64,Ui=["sign","pass-on","cancel-grade"];function xs({act:t,form:e,me:n,onAct:o}){let[a,s]=b(null),{summary:l}=t,c=d=>{o(d),s(null)},u=()=>s(null),m=Bi.filter(d=>t.may.includes(d));return r("section",{class:"card finish","aria-labelledby":"steps-title",children:[r("h2",{id:"steps-title",children:i(`act-state-long-${l.state}`)}),t.content!==null&&l.state==="for-signature"&&r("p",{class:"hint",children:[i("sign-content")," ",r("code",{"data-test":"content",children:Cn(t.content)})]}),l.state!=="discarded"&&r("p",{class:"controls",children:[r("span",{children:i("act-document")}),r(zn,{id:l.id}),l.number_text!==null&&r("a",{class:"button small",target:"_blank",rel:"noopener","data-test":"check-page",href:`/check/${l.id}`,children:i("act-check-page")})]}),m.length>0&&r("div",{class:"controls",children:m.map(d=>r("button",{type:"button",class:d==="discard"?"danger":Ui.includes(d)&&d===m[0]?"primary":"","data-test":`step-${d}`,onClick:()=>s(d),children:i(`step-${d}`)},d))}),a==="sign"&&r(ji,{act:t,onDone:c,onClose:u}),a==="back-to-draft"&&r(Hi,{act:t,onDone:c,onClose:u}),a==="pass-on"&&r(qi,{act:t,onDone:c,onClose:u}),a==="cancel-grade"&&r(Ki,{act:t,onDone:c,onClose:u}),a==="correct"&&r(Wi,{act:t,me:n,onClose:u}),a==="bundle"&&r(ys,{act:t,me:n,onClose:u}),a==="discard"&&r(Un,{act:t,onAct:o,onClose:u}),e.about==="staff"&&r("p",{class:"hint",children:i("act-staff-access")})]})}function ji({act:t,onDone:e,onClose:n}){let[o,a]=b(""),{busy:s,trouble:l,run:c}=ee(ne),u=()=>{c(async()=>{let d=o;a(""),e(await A.sign(t.summary.id,d,t.content??""))})},m=t.summary.signatures[0]+1>=t.summary.signatures[1];return r(K,{title:i("step-sign"),busy:s,trouble:l,action:i("step-sign"),onSubmit:u,onClose:n,disabled:o==="",children:[r("p",{children:i("sign-lead")}),r("p",{children:[i("sign-content")," ",r("code",{children:Cn(t.content??"")})]}),m&&r("p",{class:"message warn",children:i("sign-last")}),r("label",{class:"stacked",children:[r("span",{children:i("sign-password")}),r("input",{name:"sign-password",type:"password",autocomplete:"current-password",required:!0,value:o,onInput:d=>a(d.currentTarget.value)})]})]})}function Hi({act:t,onDone:e,onClose:n}){let[o,a]=b(""),{busy:s,trouble:l,run:c}=ee(ne);return r(K,{title:i("step-back-to-draft"),busy:s,trouble:l,action:i("step-back-to-draft"),onSubmit:()=>{c(async()=>e(await A.backToDraft(t.summary.id,o.trim())))},onClose:n,disabled:o.trim()==="",children:[r("p",{children:i("back-what")}),r(Re,{label:i("back-note"),value:o,onInput:a})]})}function qi({act:t,onDone:e,onClose:n}){let[o,a]=b(""),[s,l]=b(""),{busy:c,trouble:u,run:m}=ee(ne);return r(K,{title:i("step-pass-on"),busy:c,trouble:u,action:i("step-pass-on"),onSubmit:()=>{m(async()=>e(await A.passOn(t.summary.id,o.trim(),s.trim())))},onClose:n,disabled:o.trim()===""||s.trim()==="",children:[r("p",{children:i("pass-on-lead")}),r("label",{class:"stacked",children:[r("span",{children:i("person-name-short")}),r("input",{name:"to-name",required:!0,maxLength:200,autocomplete:"off",value:o,onInput:d=>a(d.currentTarget.value)})]}),r("label",{class:"stacked",children:[r("span",{children:i("person-post-short")}),r("input",{name:"to-post",required:!0,maxLength:200,autocomplete:"off",value:s,onInput:d=>l(d.currentTarget.value)})]})]})}function Ki({act:t,onDone:e,onClose:n}){let o=t.summary.exam.utc_offset_secs,[a,s]=b(()=>_s(t.now_ms,o)),[l,c]=b(""),{busy:u,trouble:m,run:d}=ee(ne),f=Math.min(Date.parse(`${a}:00Z`)-o*1e3,t.now_ms);return r(K,{title:i("step-cancel-grade"),busy:u,trouble:m,action:i("cancel-grade-do"),onSubmit:()=>{d(async()=>e(await A.cancelGrade(t.summary.id,f,l.trim())))},onClose:n,disabled:Number.isNaN(f),children:[r("p",{children:i("cancel-grade-lead")}),r("label",{class:"stacked",children:[r("span",{children:i("cancel-grade-when")}),r("input",{name:"cancelled",type:"datetime-local",required:!0,max:_s(t.now_ms,o),value:a,onInput:h=>s(h.currentTarget.value)})]}),r("label",{class:"stacked",children:[r("span",{children:i("cancel-grade-routing")}),r("input",{name:"routing",maxLength:zi,autocomplete:"off",value:l,onInput:h=>c(h.currentTarget.value)})]})]})}function _s(t,e){let[n,o,a]=J(t,e).split(".");return`${a}-${o}-${n}T${P(t,e,!1)}`}function Wi({act:t,me:e,onClose:n}){let o=ks(t),[a,s]=b(o[0]??"supplements"),[l,c]=b(null),{busy:u,trouble:m,run:d}=ee(ne),f=qn(t,a,e.role,l),h=()=>{d(async()=>{try{let p=await A.draft(vs(t,a,f));n(),location.hash=`#/act/${p.summary.id}`}catch(p){let g=p instanceof D&&f===null?ws(p):null;if(c(g),g===null||qn(t,a,e.role,g)===null)throw p}})};return r(K,{title:i("step-correct"),busy:u,trouble:m,action:i("draw-up-open"),onSubmit:h,onClose:n,children:[r("p",{children:i("correct-lead")}),r("fieldset",{children:[r("legend",{children:i("correct-relation")}),o.map(p=>r("label",{class:"choice",children:[r("input",{type:"radio",name:"relation",value:p,checked:a===p,onChange:()=>s(p)})," ",i(`relation-${p}`)]},p))]}),r("p",{class:f===null?"hint":"message warn",role:"status","data-test":"without-footage",children:f===null?i("correct-filled-in"):i(`correct-without-${f}`)})]})}var Gi=4e3;function $s({id:t,me:e,onSignedOut:n}){let[o,a]=b(null),[s,l]=b(null),[c,u]=b([]),[m,d]=b(null),f=U(0),h=U(0),p=async()=>{let $=++h.current,E=await Ie.act(t);return $>=f.current&&(f.current=$,a(E)),E},g=$=>{f.current=++h.current,a($)};S(()=>{let $,E=!1,L=async()=>{document.hidden||await p().then(()=>d(null),z=>d(z instanceof D?z:new D(0,t))),E||($=setTimeout(()=>{L()},Gi))};return L(),A.forms().then(l,z=>d(z instanceof D?z:new D(0,t))),A.accounts().then(u,()=>{}),()=>{E=!0,clearTimeout($)}},[t]);let w=o?.form??s?.find(({kind:$})=>$===o?.summary.kind);if(Y(o?bo(o.summary,w?[w]:[]):i("acts-title")),!o||!s)return r(Z,{error:m,empty:!0,onSignedOut:n});if(!w)return r("p",{class:"message bad",role:"alert",children:i("act-no-form",{kind:o.summary.kind})});let y={act:o,form:w,people:c,me:e,onAct:g,again:p},{summary:k}=o,v=k.state==="draft"&&o.may.includes("edit");return r(C,{children:[r("nav",{children:r("a",{href:"#/acts",children:["← ",i("acts-title")]})}),r("div",{class:"card-head",children:[r("h1",{children:[Ot(k)," · ",k.subject??(k.state==="discarded"?k.exam.title:i("draw-up-nobody"))]}),r(Pn,{act:k})]}),r("p",{children:[I(w.title)," ",r("span",{class:"hint",children:[k.exam.title,", ",ve(k.exam.starts_ms,k.exam.ends_ms,k.exam.utc_offset_secs)]})]}),r(Z,{error:m,empty:!1,onSignedOut:n}),r(yo,{act:k,nowMs:o.now_ms}),r(Ji,{act:o,form:w}),v?r(ds,{...y},t):r(C,{children:[r(ms,{...y}),r(xs,{...y}),k.state!=="discarded"&&r(C,{children:[r(ps,{act:o,form:w,me:e}),r(Ht,{act:o,evidence:o.evidence,me:e,onChange:null}),r(Bt,{act:o,me:e,onChanged:async()=>{await p()}})]}),r(us,{act:o})]})]})}function Ji({act:t,form:e}){let{summary:n,refers_to:o,referred_by:a,earlier:s,close_note:l}=t,c=u=>r("a",{href:`#/act/${u}`,children:i("act-open-other")});return r(C,{children:[l!==null&&r("p",{class:"message",children:i("act-discarded-note",{note:l})}),o&&r("p",{class:"message",children:[i(`act-${o.relation}`)," ",c(o.act)]}),a.map(({act:u,relation:m})=>r("p",{class:`message ${m==="revokes"?"bad":"warn"}`,children:[i(`act-by-${m}`)," ",c(u)]},u)),n.repeated&&r("div",{class:"message warn",children:[r("p",{children:e.repeated?I(e.repeated):i("act-repeated")}),s.length>0&&r("p",{children:[i("act-earlier",{count:s.length})," ",s.map(u=>r("span",{children:[c(u)," "]},u))]})]})]})}function Ms({me:t,route:e}){let[,n]=b(0);S(()=>Gt(()=>n(a=>a+1)),[]);let o=Wt(t.login).filter(({id:a})=>!(e.page==="act"&&e.id===a));return o.length===0?null:r("div",{class:"message warn",role:"status",children:[r("p",{children:i("draft-unsaved-elsewhere",{count:o.length})}),r("ul",{children:o.map(({id:a,act:s})=>r("li",{children:r("a",{href:`#/act/${a}`,children:s.summary.subject??s.summary.exam.title})},a))})]})}var Yi=t=>-new Date(t).getTimezoneOffset()*60;function Ss({onSignedOut:t}){let[e,n]=b([]),[o,a]=b(0),[s,l]=b(!0),[c,u]=b(!0),[m,d]=b(null),[f,h]=b("");Y(i("audit-title")),S(()=>{let y=!1;return u(!0),A.audit(o).then(k=>{y||(n(v=>[...v.filter(({id:$})=>$<=o),...k]),l(k.length>0),d(null))},k=>y||d(k instanceof D?k:new D(0,""))).finally(()=>y||u(!1)),()=>{y=!0}},[o]);let p=({detail:y})=>typeof y=="string"?y:JSON.stringify(y),g=f.trim().toLowerCase(),w=e.filter(y=>g===""||`${y.who} ${y.action} ${y.object} ${p(y)}`.toLowerCase().includes(g));return r(C,{children:[r("h1",{children:i("audit-title")}),r("p",{class:"hint",children:i("audit-lead")}),r("div",{class:"controls filters",children:[r("label",{class:"inline",children:[i("audit-filter")," ",r("input",{class:"search",name:"filter",type:"search",autocomplete:"off",value:f,onInput:y=>h(y.currentTarget.value)})]}),r("span",{class:"hint",role:"status",children:i("audit-count",{count:w.length})})]}),r(Z,{error:m,empty:e.length===0&&c,onSignedOut:t}),w.length>0&&r("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("audit-title"),children:r("table",{class:"log","data-test":"audit",children:[r("thead",{children:r("tr",{children:["number","when","who","action","object","detail"].map(y=>r("th",{scope:"col",children:i(`audit-${y}`)},y))})}),r("tbody",{children:w.map(y=>r("tr",{children:[r("td",{children:y.id}),r("td",{children:O(y.at_ms,Yi(y.at_ms),!0)}),r("td",{children:y.who}),r("th",{scope:"row",children:y.action}),r("td",{children:r("code",{children:y.object})}),r("td",{children:r("code",{children:p(y)==="{}"?"":p(y)})})]},y.id))})]})}),s&&e.length>0&&r("p",{children:r("button",{type:"button","data-test":"more",disabled:c,onClick:()=>a(e.at(-1)?.id??0),children:i("audit-more")})})]})}var Zi=5e3;function Ts({onSignedOut:t}){let{value:e,error:n}=se(s=>s.exams(),Zi,[]);Y(i("exams-title"));let o={running:0,coming:1,over:2,expired:3},a=[...e??[]].sort((s,l)=>o[s.state]-o[l.state]||l.starts_ms-s.starts_ms);return r(C,{children:[r("h1",{children:i("exams-title")}),r(Z,{error:n,empty:!e,onSignedOut:t}),e?.length===0&&r("p",{class:"hint",children:i("exams-none")}),r("ul",{class:"cards",children:a.map(s=>r("li",{class:"card",children:[r("div",{class:"card-head",children:[r("h2",{children:r("a",{href:`#/exam/${s.id}`,children:s.title})}),r(Kn,{exam:s})]}),r(Wn,{exam:s}),r("p",{class:"counts",children:[i("exam-recordings",{count:s.recordings}),s.flagged>0&&r(j,{tone:"warn",children:i("exam-flagged",{count:s.flagged})})]})]},s.id))})]})}function Kn({exam:t}){return r(j,{tone:{running:"live",coming:"plain",over:"plain",expired:"bad"}[t.state]??"plain",children:i(`exam-state-${t.state}`)})}function Wn({exam:t}){let e=pe(t.expires)??t.utc_offset_secs;return r(Ve,{rows:[[i("exam-discipline"),t.discipline],[i("exam-window"),ve(t.starts_ms,t.ends_ms,t.utc_offset_secs)],[i("exam-expires"),O(t.expires_ms,e)],[i("exam-policy"),t.policy]]})}var Xi=5e3,Qi=["all","pending","effective","released"];function Cs({me:t,onSignedOut:e}){let n=Q(),[o,a]=b(0),{value:s,error:l}=se(p=>p.holds(),Xi,[o]),[c,u]=b("all");Y(i("holds-title"));let m=()=>a(p=>p+1),d=t.role==="reviewer"||t.role==="board"||t.role==="admin",f=s?.some(p=>p.state==="pending")??!1,h=(s??[]).filter(p=>c==="all"||p.state===c);return r(C,{children:[r("h1",{children:i("holds-title")}),r("p",{class:"hint",children:i("hold-state-hint")}),r(Z,{error:l,empty:!s,onSignedOut:e}),f&&d&&!n&&r(_e,{me:t}),r("div",{class:"controls filters",children:r("label",{class:"inline",children:[i("acts-filter-state"),r("select",{name:"state",value:c,onChange:p=>u(p.currentTarget.value),children:Qi.map(p=>r("option",{value:p,children:i(p==="all"?"acts-filter-all":`hold-state-${p}`)},p))})]})}),s&&h.length===0&&r("p",{class:"hint",children:i("holds-none")}),r("ul",{class:"cards",children:h.map(p=>r("li",{class:"card",children:r(el,{hold:p,me:t,seals:d,onChanged:m})},p.id))})]})}function el({hold:t,me:e,seals:n,onChanged:o}){let[a,s]=b(!1),l=t.utc_offset_secs;return r(C,{children:[r("div",{class:"card-head",children:[r("h2",{children:r("a",{href:`#/recording/${t.recording}`,children:t.who||i("hold-recording")})}),n?r(je,{hold:t,me:e,onSealed:o}):r(j,{tone:t.state==="effective"?"good":t.state==="pending"?"warn":"plain",children:i(`hold-state-${t.state}`)})]}),r(Ve,{rows:[[i("hold-exam"),t.exam],[i("hold-range"),`${O(t.from_ms,l,!0)} – ${P(t.to_ms,l)}`],[i("hold-covered"),i("hold-segments",{count:t.segments,mb:ke(t.size_bytes)})],[i("hold-reason"),t.act?r("a",{href:`#/act/${t.act}`,children:i("hold-reason-act")}):V(`hold-reason-${t.reason}`,"hold-reason-other")],t.note===""?null:[i("hold-note"),t.note],[i("hold-opened"),Es(t.opened_by,O(t.opened_ms,l))],[i("exam-expires"),O(t.expires_ms,l)],t.released_ms===null?null:[i("hold-released"),`${Es(t.released_by,O(t.released_ms,l))}${t.release_note?`: ${tl(t.release_note)}`:""}`]]}),t.state!=="released"&&n&&r("p",{children:r("button",{type:"button",class:"small","data-test":"release",onClick:()=>s(!0),children:i("hold-release")})}),a&&r(nl,{hold:t,onDone:()=>(s(!1),o()),onClose:()=>s(!1)})]})}var Es=(t,e)=>t?`${t}, ${e}`:e;function tl(t){let e=`released-${t.replaceAll(" ","-")}`;return Mt(e)?i(e):t}function nl({hold:t,onDone:e,onClose:n}){let[o,a]=b(""),{busy:s,trouble:l,run:c}=ee(m=>m.status===409?i("hold-needed"):ne(m)),u=()=>{c(async()=>{await A.releaseHold(t.id,o.trim()),e()})};return r(K,{title:i("hold-release"),busy:s,trouble:l,danger:!0,action:i("hold-release"),onSubmit:u,onClose:n,disabled:o.trim()==="",children:[r("p",{children:i("hold-release-what")}),r(Re,{label:i("hold-release-note"),value:o,onInput:a})]})}function As({onSignedIn:t}){let[e,n]=b(""),[o,a]=b(""),[s,l]=b(!1),[c,u]=b(null);Y(i("login-title"));let m=async f=>{f.preventDefault(),l(!0),u(null);try{t(await A.login(e,o))}catch(h){u(h instanceof D?h:new D(0,"")),a("")}finally{l(!1)}},d=c&&(c.status===401?i("login-wrong"):le(c));return r("form",{class:"card narrow",onSubmit:m,children:[r("h1",{children:i("login-title")}),r("p",{class:"hint",children:i("login-lead")}),d&&r("p",{class:"message bad",role:"alert",id:"login-error",children:d}),r("label",{children:[i("login-name"),r("input",{name:"login",autocomplete:"username",autocapitalize:"none",spellcheck:!1,required:!0,value:e,onInput:f=>n(f.currentTarget.value)})]}),r("label",{children:[i("login-password"),r("input",{name:"password",type:"password",autocomplete:"current-password",required:!0,value:o,onInput:f=>a(f.currentTarget.value),"aria-describedby":d?"login-error":void 0})]}),r("button",{type:"submit",class:"primary",disabled:s,children:s?i("login-busy"):i("login-submit")})]})}var rl={invigilator:["exams","acts"],reviewer:["exams","acts","holds"],board:["exams","acts","holds"],registrar:["exams","acts","registrar"],admin:["exams","acts","holds","audit"],auditor:["audit"]},Ps=t=>rl[t]??["exams"],Rs=t=>Ps(t)[0]??"exams",ol=6e4;function Os({me:t,page:e}){let n=sl(t),o=Ps(t.role).filter(l=>l!=="holds"||n),a=e==="act"?"acts":e==="exam"||e==="recording"?"exams":e,{value:s}=se(async l=>o.includes("acts")?(await l.acts()).acts.filter(({yours_to_sign:c})=>c).length:0,ol,[t.login]);return r("nav",{class:"menu","aria-label":i("nav-title"),children:r("ul",{children:o.map(l=>r("li",{children:r("a",{href:l==="exams"?"#/":`#/${l}`,"aria-current":l===a?"page":void 0,children:[i(`nav-${l}`),l==="acts"&&s!==null&&s>0&&r("span",{class:"badge",title:i("acts-yours-count",{count:s}),children:[s,r("span",{class:"sr",children:[" ",i("acts-yours-count",{count:s})]})]})]})},l))})})}function sl(t){let[e,n]=b(!1);return S(()=>{t.role==="admin"&&A.reviewKeys().then(o=>n(o.length>0),()=>n(!1))},[t.login,t.role]),t.role!=="admin"||e}function Yt({model:t,offsetSecs:e,onSeek:n}){let o=al(t,e);return r("details",{class:"table",children:[r("summary",{children:i("table-title")}),r("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("table-title"),children:r("table",{children:[r("thead",{children:r("tr",{children:[r("th",{scope:"col",children:i("table-what")}),r("th",{scope:"col",children:i("table-from")}),r("th",{scope:"col",children:i("table-to")}),r("th",{scope:"col",children:i("table-length")}),r("th",{scope:"col",children:i("table-details")})]})}),r("tbody",{children:o.map((a,s)=>r("tr",{children:[r("th",{scope:"row",children:a.what}),r("td",{children:n?r("button",{type:"button",class:"link",onClick:()=>n(a.fromMs),children:P(a.fromMs,e)}):P(a.fromMs,e)}),r("td",{children:a.toMs===null?i("table-ongoing"):P(a.toMs,e)}),r("td",{children:a.length}),r("td",{children:a.details})]},s))})]})})]})}function al(t,e){let n=t.marks.find(({kind:f})=>f==="start")?.atMs??t.range.fromMs,o=t.marks.find(({kind:f})=>f==="end")?.atMs??t.range.toMs,a={fromMs:n,toMs:o,what:i("table-window"),length:te(o-n),details:`${O(n,e)} – ${O(o,e)}`},s=t.tracks.flatMap(({track:f,footage:h})=>h.map(({fromMs:p,toMs:g})=>({fromMs:p,toMs:g,what:`${i("timeline-footage")}: ${f}`,length:te(g-p),details:""}))),l=t.tracks.flatMap(({track:f,damaged:h})=>h.map(({fromMs:p,toMs:g,fault:w})=>({fromMs:p,toMs:g,what:`${i("timeline-damaged")}: ${f}`,length:fe(g-p),details:V(`fault-${w}`,"fault-malformed")}))),c=t.missing.map(({fromMs:f,toMs:h,cause:p})=>({fromMs:f,toMs:h,what:i("timeline-missing"),length:te(h-f),details:V(`cause-${p}`,"cause-unknown")})),u=t.outages.map(f=>{let h=fe(f.upperMs),p=f.lowerMs===null?i("table-outage-upper",{upper:h}):i("table-outage-bounds",{lower:fe(f.lowerMs),upper:h});return{fromMs:f.fromMs,toMs:f.ongoing?null:f.toMs,what:i("table-outage",{cause:V(`cause-${f.cause}`,"cause-unknown")}),length:te(f.upperMs),details:`${p}; ${i("table-outage-counted",{counted:fe(f.countedMs)})}`}}),m=t.held.map(({fromMs:f,toMs:h,state:p})=>({fromMs:f,toMs:h,what:i(`timeline-held-${p}`),length:te(h-f),details:""})),d=[...s,...l,...c,...u,...m].sort((f,h)=>f.fromMs-h.fromMs);return[a,...d]}var lt=18;function Ds({marks:t,view:e,width:n,height:o,offsetSecs:a,onMove:s}){let l=U(null),c=m=>(m-e.fromMs)/Math.max(1,e.toMs-e.fromMs)*n,u=m=>{let d=l.current?.getBoundingClientRect();return d?e.fromMs+(m-d.left)/d.width*(e.toMs-e.fromMs):e.fromMs};return r("svg",{ref:l,class:"timeline-handles",width:n,height:o,viewBox:`0 0 ${n} ${o}`,children:[["in",t.fromMs],["out",t.toMs]].map(([m,d])=>{if(d===null||d<e.fromMs||d>e.toMs)return null;let f=g=>{let w=g.shiftKey?1e4:1e3,y={ArrowLeft:-w,ArrowDown:-w,ArrowRight:w,ArrowUp:w,PageDown:-6e4,PageUp:6e4}[g.key];y!==void 0&&(g.preventDefault(),g.stopPropagation(),s(m,d+y))},h=g=>g.currentTarget.setPointerCapture(g.pointerId),p=g=>{g.currentTarget.hasPointerCapture(g.pointerId)&&s(m,u(g.clientX))};return r("g",{class:"handle",role:"slider",tabindex:0,"data-test":`handle-${m}`,"aria-label":i(m==="in"?"collect-in":"collect-out"),"aria-valuemin":Math.round(e.fromMs/1e3),"aria-valuemax":Math.round(e.toMs/1e3),"aria-valuenow":Math.round(d/1e3),"aria-valuetext":P(d,a),transform:`translate(${c(d)} 0)`,onKeyDown:f,onPointerDown:h,onPointerMove:p,children:[r("line",{y1:lt,y2:o}),r("path",{d:m==="in"?`M0 ${lt}h11v${lt}h-11z`:`M0 ${lt}h-11v${lt}h11z`})]},m)})})}function Zt(t,e,n,o){let a=t.outages.map(g=>{let w=g.to_ms??Math.max(o,g.from_ms),y=Math.max(0,w-g.from_ms-(g.lower_ms??0))/2;return{fromMs:g.from_ms,toMs:w,cause:g.cause,certain:g.lower_ms?{fromMs:g.from_ms+y,toMs:w-y}:null,ongoing:g.ongoing,upperMs:g.upper_ms,lowerMs:g.lower_ms,countedMs:g.counted_upper_ms}}),s=new Map,l=(g,w)=>s.set(g,il([...s.get(g)??[],w]));for(let g of t.footage)l(g.track,{fromMs:g.from_ms,toMs:g.to_ms});for(let g of e)(g.kind==="video"||g.kind==="screen")&&l(g.track,{fromMs:g.from_ms,toMs:g.to_ms});let c=[...s.keys()].sort().map(g=>({track:g,footage:s.get(g)??[],damaged:n.filter(w=>w.track===g)})),u=t.state==="recording"||t.state==="offline"||o<t.ends_ms,m=[...c.flatMap(g=>g.footage),...a],d={fromMs:Math.min(t.starts_ms,...m.map(({fromMs:g})=>g)),toMs:Math.max(t.ends_ms,...m.map(({toMs:g})=>g))},f=[{kind:"start",atMs:t.starts_ms},{kind:"end",atMs:t.ends_ms},{kind:"expiry",atMs:t.exam.expires_ms}];u&&f.push({kind:"now",atMs:o}),t.finding.deadline_ms!==null&&f.push({kind:"deadline",atMs:t.finding.deadline_ms});let h=t.missing.map(({from_ms:g,to_ms:w,cause:y})=>({fromMs:g,toMs:w,cause:y})),p=t.held.map(({hold:g,from_ms:w,to_ms:y,state:k})=>({hold:g,state:k,fromMs:w,toMs:y}));return{range:d,tracks:c,missing:h,outages:a,held:p,marks:f}}function il(t){let e=[];for(let n of[...t].sort((o,a)=>o.fromMs-a.fromMs)){let o=e.at(-1);o&&n.fromMs<=o.toMs+500?o.toMs=Math.max(o.toMs,n.toMs):e.push({...n})}return e}function Is(t,e,n,o){let a=[1,5,10,30,60,120,300,600,900,1800,3600,7200,10800,21600,43200,86400].map(d=>d*1e3),s=(t.toMs-t.fromMs)*n/Math.max(1,e),l=a.find(d=>d>=s)??864e5,c=o*1e3,u=Math.ceil((t.fromMs+c)/l)*l-c,m=[];for(let d=u;d<=t.toMs;d+=l)m.push({atMs:d,seconds:l<6e4});return m}function Fs(t,e,n,o){let a=Math.min(e.toMs-e.fromMs,Math.max(2e4,(t.toMs-t.fromMs)*n)),s=(o-t.fromMs)/Math.max(1,t.toMs-t.fromMs),l=o-a*Math.min(1,Math.max(0,s));return ct({fromMs:l,toMs:l+a},e,0)}function ct(t,e,n){let o=Math.min(t.toMs-t.fromMs,e.toMs-e.fromMs),a=Math.min(Math.max(t.fromMs+n,e.fromMs),e.toMs-o);return{fromMs:a,toMs:a+o}}var ge=24,ae=20,dt=5;function Xt({model:t,atMs:e,offsetSecs:n,deadlineOffsetSecs:o,onSeek:a,marks:s,onMove:l}){let c=U(null),[u,m]=b(600),[d,f]=b(null);no(()=>{let x=c.current;if(!x)return;let T=new ResizeObserver(()=>m(Math.max(200,x.clientWidth)));return T.observe(x),()=>T.disconnect()},[]);let h=d?ct(d,t.range,0):t.range,p=Math.max(1,h.toMs-h.fromMs),g=x=>(x-h.fromMs)/p*u,w=e!==null&&e>=h.fromMs&&e<=h.toMs?e:(h.fromMs+h.toMs)/2,y=(x,T=w)=>{let B=Fs(h,t.range,x,T);f(B.toMs-B.fromMs>=t.range.toMs-t.range.fromMs?null:B)};S(()=>{d&&e!==null&&(e<d.fromMs||e>d.toMs)&&f(ct(d,t.range,e-(d.fromMs+(d.toMs-d.fromMs)*.1)))},[e]);let k=x=>{let T=c.current?.getBoundingClientRect();return T?h.fromMs+(x.clientX-T.left)/T.width*p:h.fromMs},v=x=>{if(x.ctrlKey)y(x.deltaY>0?1.25:.8,k(x));else if(x.deltaX!==0&&d)f(ct(d,t.range,x.deltaX/u*p));else return;x.preventDefault()},$=t.tracks.length+2+(t.held.length>0?1:0),E=ge+$*(ae+dt),L=ge+t.tracks.length*(ae+dt),z=L+ae+dt,X=z+ae+dt,G=s?.fromMs??null,_=s?.toMs??null,M=t.marks.filter(({kind:x,atMs:T})=>(x==="expiry"||x==="deadline")&&T>h.toMs),R=a?{role:"slider",tabIndex:0,"aria-label":i("timeline-slider"),"aria-valuemin":Math.round(t.range.fromMs/1e3),"aria-valuemax":Math.round(t.range.toMs/1e3),"aria-valuenow":Math.round((e??t.range.fromMs)/1e3),"aria-valuetext":i("player-position",{time:P(e??t.range.fromMs,n)})}:{role:"img","aria-label":i("timeline-title")};return r("section",{class:"timeline","aria-label":i("timeline-title"),children:[r("div",{class:"timeline-head",children:[r("h2",{children:i("timeline-title")}),r("span",{class:"hint",children:i("timeline-zone",{zone:ue(n)})}),r("div",{class:"group",children:[r("button",{type:"button",class:"small",onClick:()=>y(.5),"aria-label":i("timeline-zoom-in"),title:i("timeline-zoom-in"),children:"+"}),r("button",{type:"button",class:"small",onClick:()=>y(2),"aria-label":i("timeline-zoom-out"),title:i("timeline-zoom-out"),children:"−"}),r("button",{type:"button",class:"small",onClick:()=>f(null),disabled:!d,children:i("timeline-zoom-all")})]})]}),r("div",{class:"timeline-stack",children:[r("div",{ref:c,class:a?"timeline-box seekable":"timeline-box",...R,onWheel:v,onClick:x=>a?.(k(x)),children:r("svg",{width:u,height:E,viewBox:`0 0 ${u} ${E}`,"aria-hidden":"true",children:[r(ll,{}),Is(h,u,76,n).map(x=>r("g",{class:"tick",children:[r("line",{x1:g(x.atMs),x2:g(x.atMs),y1:ge-6,y2:E}),r("text",{x:g(x.atMs),y:12,"text-anchor":g(x.atMs)<24?"start":g(x.atMs)>u-24?"end":"middle",children:P(x.atMs,n,x.seconds)})]},x.atMs)),t.tracks.map(({track:x,footage:T,damaged:B},rn)=>{let Oe=ge+rn*(ae+dt);return r("g",{children:[r("rect",{class:"lane",x:0,y:Oe,width:u,height:ae,rx:4}),T.map(me=>r(He,{bar:me,x:g,y:Oe,name:"footage",width:u},me.fromMs)),B.map(me=>r(He,{bar:me,x:g,y:Oe,name:"damaged",least:4,width:u},`${me.fromMs} ${me.fault}`)),r("text",{class:"lane-name",x:6,y:Oe+14,children:x})]},x)}),r("rect",{class:"lane",x:0,y:L,width:u,height:ae,rx:4}),t.missing.map(x=>r(He,{bar:x,x:g,y:L,name:"missing",title:V(`cause-${x.cause}`,"cause-unknown"),width:u},x.fromMs)),r("rect",{class:"lane",x:0,y:z,width:u,height:ae,rx:4}),t.outages.map(x=>r("g",{children:[r(He,{bar:x,x:g,y:z,name:"outage-upper",least:4,title:V(`cause-${x.cause}`,"cause-unknown"),width:u}),x.certain&&r(He,{bar:x.certain,x:g,y:z+5,height:ae-10,name:"outage",least:2,width:u})]},x.fromMs)),t.held.length>0&&r("rect",{class:"lane",x:0,y:X,width:u,height:ae,rx:4}),t.held.map(x=>r(He,{bar:x,x:g,y:X+3,height:ae-6,name:`held-${x.state}`,least:4,title:i(`timeline-held-${x.state}`),width:u},`${x.hold} ${x.fromMs}`)),G!==null&&_!==null&&_>h.fromMs&&G<h.toMs&&r("rect",{class:"marked","data-test":"marked",x:Math.max(0,g(G)),y:ge-6,width:Math.max(2,Math.min(u,g(_))-Math.max(0,g(G))),height:E-ge+6}),t.marks.filter(({atMs:x})=>x>=h.fromMs&&x<=h.toMs).map(({kind:x,atMs:T})=>r("line",{class:`mark mark-${x}`,x1:g(T),x2:g(T),y1:ge-8,y2:E},x)),e!==null&&e>=h.fromMs&&e<=h.toMs&&r("g",{class:"playhead",transform:`translate(${g(e)} 0)`,children:[r("line",{y1:ge-6,y2:E}),r("path",{d:`M-6 ${ge-10}h12l-6 8z`})]})]})}),s&&l&&r(Ds,{marks:s,view:h,width:u,height:E,offsetSecs:n,onMove:l})]}),M.length>0&&r("p",{class:"beyond",children:M.map(({kind:x,atMs:T})=>r("span",{children:[i(`timeline-${x}`),": ",O(T,x==="deadline"?o:n)," ",r("span",{"aria-hidden":"true",children:"→"})]},x))}),r(cl,{kinds:["footage","damaged","missing","outage","outage-upper",...new Set(t.held.map(({state:x})=>`held-${x}`))],marks:t.marks.map(({kind:x})=>x)})]})}function He(t){let e=Math.max(-2,t.x(t.bar.fromMs)),n=Math.min(t.width+2,t.x(t.bar.toMs)),o=Math.max(n-e,t.least??1);return n<0||e>t.width?null:r("rect",{class:`bar bar-${t.name}`,"data-kind":t.name,x:e,y:t.y,width:o,height:t.height??ae,rx:Math.min(4,o/2),children:t.title&&r("title",{children:t.title})})}function ll(){return r("defs",{children:[r("pattern",{id:"hatch-missing",width:"7",height:"7",patternUnits:"userSpaceOnUse",patternTransform:"rotate(45)",children:[r("rect",{class:"hatch-ground",width:"7",height:"7"}),r("line",{class:"hatch-missing",x1:"0",x2:"0",y1:"0",y2:"7"})]}),r("pattern",{id:"hatch-damaged",width:"6",height:"6",patternUnits:"userSpaceOnUse",patternTransform:"rotate(-45)",children:[r("rect",{class:"hatch-damaged-ground",width:"6",height:"6"}),r("line",{class:"hatch-damaged",x1:"0",x2:"0",y1:"0",y2:"6"})]})]})}function cl({kinds:t,marks:e}){return r("ul",{class:"legend","aria-label":i("timeline-legend"),children:[t.map(n=>r("li",{children:[r("svg",{width:"18",height:"12","aria-hidden":"true",children:r("rect",{class:`bar bar-${n}`,x:"1",y:"1",width:"16",height:"10",rx:"2"})}),i(`timeline-${n}`)]},n)),e.filter(n=>["start","end","now"].includes(n)).map(n=>r("li",{children:[r("svg",{width:"18",height:"12","aria-hidden":"true",children:r("line",{class:`mark mark-${n}`,x1:"9",x2:"9",y1:"0",y2:"12"})}),i(`timeline-${n}`)]},n))]})}function ut(t){return pe(t.finding.deadline??"")??t.exam.utc_offset_secs}function Ls({finding:t}){return V(`finding-${t.kind}`,"finding-other",{threshold:mo(t.threshold_ms)})}function Ns(t){let{deadline_ms:e}=t.finding;return e===null?null:i("finding-retake-deadline",{deadline:O(e,ut(t))})}function Vs({recording:t}){return t.finding.kind==="none"?null:r("p",{class:"finding-line",children:[r(j,{tone:t.finding.kind==="retake"?"bad":"warn",children:Ls(t)})," ",Ns(t)]})}function Bs({recording:t}){let{finding:e}=t,n=Ns(t),o=e.kind==="none"?"plain":e.kind==="retake"?"bad":"warn";return r("section",{class:`message ${o} finding`,"data-finding":e.kind,"aria-labelledby":"finding-title",children:[r("h2",{id:"finding-title",children:i("finding-title")}),r("p",{children:[r("strong",{children:Ls(t)})," ",n&&r("strong",{class:"deadline",children:n})]}),e.longest_upper_ms>0&&r("p",{children:[i("finding-longest",{lower:fe(e.longest_lower_ms),upper:fe(e.longest_upper_ms)})," ",i("finding-total",{total:fe(e.total_upper_ms)})]}),e.provisional&&r("p",{children:i("finding-provisional")}),e.source!==""&&r("p",{class:"hint",children:i("finding-source",{source:e.source})})]})}function Gn({label:t,name:e,ms:n,nearMs:o,offsetSecs:a,onChange:s}){let l=n===null?"":P(n,a),[c,u]=b(l),[m,d]=b(!1),f=Le();S(()=>(u(l),d(!1)),[l]);let h=()=>{if(c.trim()===""||c===l)return d(!1),u(l);let g=At(c,n??o,a);d(g===null),g!==null&&s(g)};return r("label",{class:"inline",children:[t,r("input",{class:"time",name:e,inputMode:"numeric",autocomplete:"off",value:c,"aria-invalid":m,"aria-describedby":m?f:void 0,onInput:g=>u(g.currentTarget.value),onBlur:h,onKeyDown:g=>{if(g.key==="Enter")return g.preventDefault(),h();g.key!=="ArrowUp"&&g.key!=="ArrowDown"||(g.preventDefault(),s((n??o)+(g.key==="ArrowUp"?1:-1)*(g.shiftKey?1e4:1e3)))}}),m&&r("span",{class:"field-error",id:f,role:"alert",children:i("player-go-wrong",{example:P(o,a)})})]})}var zs=24;function Us(t,e,n){let[o,a]=Ro(t.id),{marks:s,stills:l}=o,[c,u]=b(null),m=t.exam.utc_offset_secs,d={fromMs:Math.min(t.starts_ms,...t.footage.map(({from_ms:p})=>p)),toMs:Math.max(t.ends_ms,...t.footage.map(({to_ms:p})=>p))},f=()=>(e?.tick(),e?.state.atMs??t.starts_ms);return{collected:o,change:a,trouble:c,still:async()=>{u(null);try{await import("./evidence.js");let p=e?.shownMs()??null,g=e?.state;if(!n.current||!g?.track||p===null)return u(i("evidence-no-picture"));if(g.unsigned)return u(i("collect-still-unsigned"));if(l.length>=zs)return;let w=Math.round(p),y=await ko(n.current,{recording:t.id,track:g.track,at_ms:w},dl(t.who,w,m));a({stills:[...l,y].sort((k,v)=>k.source.at_ms-v.source.at_ms)})}catch(p){u(oe(p))}},nowMs:f,in:()=>a({marks:So(s,f())}),out:()=>a({marks:To(s,f())}),move:(p,g)=>a({marks:Eo(s,p,g,d)})}}function dl(t,e,n){let o=`${J(e,n)} ${P(e,n)} ${ue(n)}`;return`${[...t].slice(0,110-o.length).join("")}, ${o}`}function js({recording:t,me:e,collecting:n,atMs:o,onSeek:a}){let{collected:s,change:l}=n,{marks:c,stills:u}=s,[m,d]=b(null),f=ee(),h=t.exam.utc_offset_secs,p=Co(c),g=p!==null&&Ao(p);return r("section",{class:"collect card","aria-labelledby":"collect-title",children:[r("h2",{id:"collect-title",children:i("collect-title")}),r("div",{class:"controls",children:[r("div",{class:"group",children:[r("button",{type:"button","data-test":"mark-in",onClick:n.in,children:[i("collect-mark-in")," ",r("kbd",{children:"I"})]}),r("button",{type:"button","data-test":"mark-out",onClick:n.out,children:[i("collect-mark-out")," ",r("kbd",{children:"O"})]})]}),r(Gn,{label:i("collect-in"),name:"in",ms:c.fromMs,nearMs:o,offsetSecs:h,onChange:w=>n.move("in",w)}),r(Gn,{label:i("collect-out"),name:"out",ms:c.toMs,nearMs:o,offsetSecs:h,onChange:w=>n.move("out",w)}),r("span",{class:"hint",role:"status","data-test":"range",children:p&&`${J(p.fromMs,h)} ${ue(h)}, ${te(p.toMs-p.fromMs)}`}),(c.fromMs!==null||c.toMs!==null)&&r("button",{type:"button",class:"small",onClick:()=>l({marks:Lt}),children:i("collect-clear")})]}),g&&r("p",{class:"field-error",role:"alert",children:i("collect-too-long")}),r("div",{class:"controls",children:[r("button",{type:"button","data-test":"still",disabled:f.busy||u.length>=zs,onClick:()=>{f.run(n.still)},children:[i("collect-still")," ",r("kbd",{children:"S"})]}),r("span",{class:"hint",role:"status",children:u.length>0&&i("collect-stills",{count:u.length})})]}),n.trouble&&r("p",{class:"field-error",role:"alert",children:n.trouble}),r(ul,{stills:u,offsetSecs:h,onSeek:a,onRemove:w=>l({stills:u.filter(y=>y!==w)})}),r("div",{class:"controls",children:[r("button",{type:"button",class:"primary","data-test":"draw-up",disabled:g,onClick:()=>d("act"),children:i("draw-up")}),r("button",{type:"button","data-test":"hold",disabled:p===null||g,onClick:()=>d("hold"),children:i("hold-put")}),r("span",{class:"hint",children:i(p?"collect-hint-ready":"collect-hint")})]}),m==="hold"&&p&&r(ns,{recording:t,range:p,me:e,onClose:()=>d(null)}),m==="act"&&r(jt,{exam:t.exam,recording:t,range:p,stills:u.length,me:e,onClose:()=>d(null)})]})}function ul(t){return t.stills.length===0?null:r("ul",{class:"strip","aria-label":i("collect-strip"),children:t.stills.map(e=>r("li",{children:[r(It,{bytes:e.jpeg,media:"image/jpeg",alt:i("still-at",{time:P(e.source.at_ms,t.offsetSecs)})}),r("span",{class:"strip-line",children:[r("button",{type:"button",class:"link",onClick:()=>t.onSeek(e.source.at_ms),children:P(e.source.at_ms,t.offsetSecs)}),r("button",{type:"button",class:"small","aria-label":i("still-remove",{time:P(e.source.at_ms,t.offsetSecs)}),onClick:()=>t.onRemove(e),children:"×"})]})]},`${e.source.track} ${e.source.at_ms}`))})}var mt=class{constructor(e,n){this.video=e;this.lengthSecs=n;this.url=URL.createObjectURL(this.source),this.queue=new Promise(o=>this.source.addEventListener("sourceopen",()=>o(),{once:!0})),e.src=this.url}video;lengthSecs;source=new MediaSource;url;buffer=null;queue;codec="";closed=!1;append(e,n,o,a){return this.enqueue(async()=>{let s=`video/mp4; codecs="${e}"`;if(this.buffer)e!==this.codec&&this.buffer.changeType(s);else{if(!MediaSource.isTypeSupported(s))throw new DOMException(`codec ${e} is not supported`,"NotSupportedError");this.source.duration=this.lengthSecs,this.buffer=this.source.addSourceBuffer(s),this.buffer.mode="segments"}this.codec=e;let l=this.buffer;n&&(l.abort(),l.timestampOffset!==o&&(l.timestampOffset=o),await this.run(l,()=>l.appendBuffer(n)));for(let c of a)await this.feed(l,c)})}remove(e,n){return this.enqueue(async()=>{let o=this.buffer;o&&n>e&&o.buffered.length>0&&await this.run(o,()=>o.remove(Math.max(0,e),n))})}around(e){for(let[n,o]of this.ranges())if(n-.15<=e&&e<o)return[n,o];return null}nextStart(e){return this.ranges().find(([n])=>n>e)?.[0]??null}aheadOf(e){return this.ranges().reduce((n,[o,a])=>n+Math.max(0,a-Math.max(o,e)),0)}close(){this.closed=!0,URL.revokeObjectURL(this.url)}ranges(){if(!this.buffer||this.source.readyState!=="open")return[];let{buffered:e}=this.buffer;return Array.from({length:e.length},(n,o)=>[e.start(o),e.end(o)])}async feed(e,n){try{await this.run(e,()=>e.appendBuffer(n))}catch(o){if(!(o instanceof DOMException)||o.name!=="QuotaExceededError")throw o;let a=this.video.currentTime;await this.run(e,()=>e.remove(0,Math.max(.001,a-3))),await this.run(e,()=>e.remove(a+30,Number.POSITIVE_INFINITY)),await this.run(e,()=>e.appendBuffer(n))}}run(e,n){return new Promise((o,a)=>{let s=()=>(c(),o()),l=()=>(c(),a(new DOMException("the browser could not read a fragment","EncodingError"))),c=()=>{e.removeEventListener("updateend",s),e.removeEventListener("error",l)};e.addEventListener("error",l),e.addEventListener("updateend",s);try{n()}catch(u){c(),a(u)}})}enqueue(e){let n=this.queue.then(()=>{if(this.closed)throw new DOMException("closed","AbortError");return e()});return this.queue=n.catch(()=>{}),n}};function Jn(t,e){let n=t.chunks[e];if(!n)return!1;let o=(t.chunks[e+1]?.offset??t.size_bytes)-(n.offset+n.len);return o>=128&&o!==184}var qe=t=>t.state==="stored",Me=t=>t.kind==="video"||t.kind==="screen";function Zn(t,e){let n=t.chunks[e];if(!n)return null;let o=e;for(;o<t.chunks.length-1&&!Jn(t,o);)o++;let a=t.chunks[o+1]?.offset??t.size_bytes;return{segment:t,first:e,last:o,from:n.offset,to:a,signed:Jn(t,o)}}function Xn(t){let{id:e,run:n,track:o,sequence:a}=t,s=Zn(t,0)?.to??t.size_bytes;return{id:e,run:n,track:o,sequence:a,sizeBytes:t.size_bytes,closed:qe(t),prefixEnd:s}}function Qn({chunks:t},e){let n=0,o=e;for(;o<t.length&&(n+=t[o]?.duration_ms??0,!(n>6e3));o++);return o}function Hs({segment:t,first:e,last:n},{pieces:o,differences:a,trouble:s}){let l=e+Math.max(0,o.findIndex(({cover:m})=>m==="tail"));if(l===e)for(;l>0&&!Jn(t,l-1);)l--;let u=!qe(t)&&n===t.chunks.length-1?Qn(t,l):0;return o.map(({cover:m},d)=>m==="signed"||m==="tail"&&e+d<u?null:a.length>0?"index":m==="tail"?"unsigned":s?.fault??"chain")}var Yn=t=>t.from_ms+t.duration_ms;function qs(t,e){let n=(o,a)=>o.from_ms-a.from_ms||o.sequence-a.sequence;return[...t].filter(o=>o.track===e&&Me(o)&&o.chunks.length>0).sort(n)}function Qt(t,e){for(let[n,{chunks:o,to_ms:a}]of t.entries()){if(a<=e)continue;let s=o.findIndex(l=>Yn(l)>e);if(s>=0)return{segment:n,chunk:s}}return null}function er(t,e){let n=t[e.segment]?.chunks??[],o=e.chunk;for(;o>0&&!n[o]?.key;)o--;return{segment:e.segment,chunk:o}}function Ke(t){return t.reduce((e,{to_ms:n})=>Math.max(e??n,n),null)}function Ks(t){let e=new Map;for(let{run:n,track:o,sequence:a}of t){let s=e.get(`${n} ${o}`)??{run:n,track:o,found:new Set};s.found.add(a),e.set(`${n} ${o}`,s)}return[...e.values()].flatMap(({run:n,track:o,found:a})=>Array.from({length:Math.max(...a)},(s,l)=>({run:n,track:o,sequence:l})).filter(({sequence:s})=>!a.has(s)))}function Ws(t,e){let n=s=>s.segment===e.segment&&s.fault==="index"==(e.fault==="index"),o=s=>n(s)&&s.fromMs<=e.toMs+1&&e.fromMs<=s.toMs+1,a=t.filter(o).reduce((s,l)=>({...l,fromMs:Math.min(s.fromMs,l.fromMs),toMs:Math.max(s.toMs,l.toMs)}),e);return[...t.filter(s=>!o(s)),a].sort((s,l)=>s.fromMs-l.fromMs)}function tr(t,e,n){let o=(s,l,c)=>e.some(u=>u.segment===s.id&&u.fromMs<c&&l<u.toMs),a=Qt(t,n);if(!a)return null;for(let[s,l]of t.entries()){if(s<a.segment)continue;let c=!1,u=s===a.segment?er(t,a).chunk:0;for(let[m,d]of l.chunks.entries())if(!(m<u)&&(c=(c||d.key)&&!o(l,d.from_ms,Yn(d)),c&&Yn(d)>n))return Math.max(n,d.from_ms)}return null}var We=[.5,1,1.5,2,4,8],ml=12*36e5,Gs=72*3600,pl=45,Js=5e3,fl=12e3,Ys=1.2,gl=250,hl=2e3,en=class{constructor(e,n,o,a){this.video=e;this.footage=n;this.changed=o;this.originMs=n.recording.starts_ms-ml,this.state={track:a.track,atMs:a.atMs,playing:!1,waiting:!1,rate:1,live:!1,autoJump:a.autoJump,jumped:null,gap:null,unsigned:!1,unsupported:null},this.buffer=new mt(e,Gs),this.pendingMs=a.atMs,this.timer=setInterval(()=>this.tick(),200);for(let s of["timeupdate","waiting","playing","seeked"])e.addEventListener(s,this.tick);e.addEventListener("error",this.failed)}video;footage;changed;state;buffer;session=null;filling=!1;timer;tails=new Map;originMs;pendingMs=null;retryAtMs=0;clearing=null;closed=!1;close(){this.closed=!0,clearInterval(this.timer);for(let e of["timeupdate","waiting","playing","seeked"])this.video.removeEventListener(e,this.tick);this.video.removeEventListener("error",this.failed),this.buffer.close(),this.video.removeAttribute("src"),this.video.load()}play(){this.state.playing=!0,this.resume(),this.tick()}pause(){this.state.playing=!1,this.state.live=!1,this.video.pause(),this.tick()}setRate(e){this.state.rate=e,e!==1&&(this.state.live=!1),this.video.defaultPlaybackRate=e,this.video.playbackRate=e,this.changed()}setAutoJump(e){this.state.autoJump=e,this.tick()}dismiss(){this.state.jumped=null,this.changed()}setTrack(e){e!==this.state.track&&(this.state.track=e,this.seek(this.state.atMs))}follow(){let e=Ke(this.segments());e!==null&&(this.setRate(1),this.seek(e-Js),this.state.live=!0,this.play())}seek(e){this.state.live=!1,this.state.jumped=null,this.go(e)}shownMs(){let{state:e,video:n}=this;return this.pendingMs!==null||this.clearing||e.gap||n.seeking||n.readyState<2?null:this.msAt(n.currentTime)}tick=()=>{if(this.closed)return;this.state.track??=this.firstTrack();let{state:e,video:n}=this;this.pendingMs===null&&n.readyState>0&&(e.atMs=this.msAt(n.currentTime)),this.session&&this.moved()&&this.restart(e.atMs),this.session||this.restart(e.atMs),this.place(),this.findGap(),this.followEdge(),this.showSigned(),e.waiting=e.playing&&!e.gap&&n.readyState<3,e.playing&&n.paused&&!e.gap&&this.resume(),this.fill(),this.changed()};segments(){return this.state.track===null?[]:qs(this.footage.segments.values(),this.state.track)}firstTrack(){return[...this.footage.segments.values()].filter(({kind:n})=>n==="video"||n==="screen").map(({track:n})=>n).sort()[0]??null}secs=e=>(e-this.originMs)/1e3;msAt=e=>e*1e3+this.originMs;go(e){this.state.gap=null,this.state.atMs=e,this.session&&!this.clearing&&this.buffer.around(this.secs(e))&&!this.trackChanged()?(this.pendingMs=null,this.video.currentTime=this.secs(e)):this.restart(e),this.tick()}trackChanged(){let e=this.session?.segment;return e!=null&&this.footage.segments.get(e)?.track!==this.state.track}moved(){let{session:e}=this,n=e?.segment===null||e?.segment===void 0?void 0:this.footage.segments.get(e.segment);return e!==null&&n!==void 0&&Math.abs(n.media_origin_ms-e.originMs)>gl}restart(e){let n=this.segments(),o=tr(n,this.footage.damages,e),a=o===null?null:Qt(n,o);if(this.pendingMs=e,this.session=null,!a)return;let s=this.buffer.remove(0,Number.POSITIVE_INFINITY).catch(()=>{});this.clearing=s,s.then(()=>{this.clearing===s&&(this.clearing=null)});let l=er(n,a),c=n[l.segment]?.id;c!==void 0&&(this.session={next:{id:c,chunk:l.chunk},segment:null,originMs:0})}place(){if(this.pendingMs===null||this.clearing)return;let e=this.secs(this.pendingMs);this.buffer.around(e)&&(this.pendingMs=null,this.video.currentTime=e,this.setRate(this.state.rate),this.state.playing&&this.resume())}resume(){this.video.play().catch(()=>{})}async fill(){if(!(this.filling||performance.now()<this.retryAtMs)){this.filling=!0;try{for(;!this.closed&&await this.step(););}catch{this.retryAtMs=performance.now()+hl}finally{this.filling=!1}}}async step(){let{session:e,state:n}=this;if(!e)return!1;let o=this.buffer.aheadOf(this.secs(n.atMs));if(o>20+10*n.rate)return!1;let a=this.segments(),s=a.findIndex(({id:w})=>w===e.next.id),l=a[s];if(!l)return!1;let c=a[s+1],u=Zn(l,e.next.chunk);if(!u)return c&&(e.next={id:c.id,chunk:0}),c!==void 0;if(!u.signed&&u.segment.state!=="stored"&&o>2.5)return!1;this.footage.requestCheck(l.id);let m;try{m=await this.footage.pieces(u)}catch(w){if(!(w instanceof he)||e!==this.session)throw w;return e.next={id:l.id,chunk:l.chunks.length},!0}if(e!==this.session)return!0;let d=m.pieces.flatMap(({data:w})=>w?[w]:[]);for(let[w,y]of m.pieces.entries())this.noteTail(l,u.first+w,y.cover==="tail");let f=e.segment!==l.id;e.segment=l.id,e.originMs=l.media_origin_ms,e.next={id:l.id,chunk:u.last+1};let h=m.pieces.some(({data:w})=>!w),p=f||h?m.init:null;await this.buffer.append(m.codec,p,this.secs(l.media_origin_ms),d).catch(w=>{throw w instanceof DOMException&&w.name==="NotSupportedError"&&(this.state.unsupported=m.codec),w}),this.place();let g=this.video.currentTime-pl;return this.pendingMs===null&&g>0&&await this.buffer.remove(0,g),!0}noteTail(e,n,o){let a=e.chunks[n];if(!a)return;let s=this.tails.get(e.id),l=a.from_ms+a.duration_ms;o&&this.tails.set(e.id,{fromMs:Math.min(s?.fromMs??a.from_ms,a.from_ms),toMs:Math.max(s?.toMs??l,l)})}showSigned(){let e=this.state.atMs;this.state.unsigned=[...this.tails].some(([n,{fromMs:o,toMs:a}])=>{let s=this.footage.checks.get(n)?.signedMs??0;return o<=e&&e<a&&s<=e});for(let n of this.tails.keys())this.footage.requestCheck(n)}findGap(){let{state:e,buffer:n}=this;if(this.clearing)return;let o=this.secs(e.atMs),a=n.around(o),s=a!==null&&e.playing&&this.video.readyState<3&&a[1]-o<.3;if(a&&!s){e.gap=null;return}let l=s?this.msAt(a[1])+100:e.atMs,c=n.nextStart(o),u=this.segments(),m=tr(u,this.footage.damages,l);if(c!==null&&c-o<Ys){this.pendingMs=null,this.video.currentTime=c+.01;return}if(m!==null&&m-e.atMs<Ys*1e3){this.session===null&&this.restart(e.atMs),e.gap=null,m>e.atMs&&this.pendingMs!==null&&(this.pendingMs=m+10);return}if(m===null){let d=Ke(u);if(d!==null&&e.atMs-d<1500&&e.atMs>=d&&this.footage.recording.state==="recording")return;e.gap={fromMs:e.atMs,toMs:null}}else if(e.autoJump){let d={fromMs:e.atMs,toMs:m};this.go(m+10),e.jumped=d}else e.gap={fromMs:e.atMs,toMs:m}}followEdge(){let{state:e}=this;if(!e.live)return;let n=Ke(this.segments());n!==null&&n-e.atMs>fl&&(this.go(n-Js),e.live=!0)}failed=()=>{if(this.closed||!this.video.error)return;let e=this.segments(),n=Qt(e,this.state.atMs),o=n&&e[n.segment],a=n&&o?.chunks[n.chunk];o&&a&&this.footage.damage(o,a.from_ms,a.from_ms+a.duration_ms,"decode",this.video.error.message),this.buffer.close(),this.buffer=new mt(this.video,Gs),this.session=null,this.restart(this.state.atMs)}};var tn=class{worker=new Worker("/media-worker.js",{type:"module"});waiting=new Map;last=0;constructor(){this.worker.onerror=e=>this.rejectAll(new Error(e.message||"the media worker did not start")),this.worker.onmessage=e=>{let{id:n,answer:o,trouble:a,status:s}=e.data,l=this.waiting.get(n);this.waiting.delete(n),o?l?.resolve(o):s!==void 0?l?.reject(new D(s,a?.message??"")):l?.reject(new he(a?.fault??"malformed",a?.message??"the media worker failed"))}}open(e){return this.ask({op:"open",...e})}pieces(e){return this.ask({op:"pieces",...e})}check(e){return this.ask({op:"check",...e})}close(){this.worker.terminate(),this.rejectAll(new DOMException("closed","AbortError"))}rejectAll(e){for(let{reject:n}of this.waiting.values())n(e);this.waiting.clear()}ask(e){let n=++this.last;return new Promise((o,a)=>{this.waiting.set(n,{resolve:o,reject:a});let s={id:n,request:e};this.worker.postMessage(s)})}};var nr=t=>({originMs:t.media_origin_ms,fromMs:t.from_ms,toMs:t.to_ms,chunks:t.chunks}),Zs=(t,e)=>Math.abs(t-e)<=3;function Xs(t){let e=({originMs:o,originUs:a})=>o-Math.floor(a/1e3),[n]=t;return n===void 0||t.every(o=>Zs(e(o),e(n)))||t.every(o=>Zs(e(o),o.wallMinusBootMs??e(o)))}var bl=2e3,nn=class{constructor(e,n,o,a){this.recording=e;this.me=n;this.review=o;this.changed=a}recording;me;review;changed;segments=new Map;checks=new Map;damages=[];refusedCertificates=[];obstacle=null;clockSkewMs=0;client=null;revision=0;openRuns=new Set;toCheck=[];checking=!1;timer;stopped=!1;start(){this.poll()}update(e){this.recording=e,this.changed()}stop(){this.stopped=!0,clearTimeout(this.timer),this.client?.close(),this.client=null}nowMs(){return Date.now()+this.clockSkewMs}async pieces(e){let{segment:n,first:o,last:a,from:s,to:l}=e,c=n.chunks.slice(o,a+1);try{if(!this.client)throw new DOMException("closed","AbortError");let u=await this.client.pieces({segment:Xn(n),from:s,to:l,index:{...nr(n),chunks:c}});for(let{fromMs:d,toMs:f,message:h}of u.differences)this.damage(n,d,f,"index",h);let m=Hs(e,u);for(let[d,f]of u.pieces.entries()){let h=c[d],p=m[d];!h||!p||(f.data=null,this.damage(n,h.from_ms,h.from_ms+h.duration_ms,p,u.trouble?.message??""))}return u}catch(u){throw u instanceof he?this.damage(n,n.from_ms,n.to_ms,u.fault,u.message):this.report(u),u}}requestCheck(e){let n=this.segments.get(e),o=this.checks.get(e);!n||this.toCheck.includes(e)||o?.answer.trouble||o?.of===n&&(o.whole||o.answer.checkedTo>=n.size_bytes&&!qe(n))||(this.toCheck.push(e),this.runChecks())}damage(e,n,o,a,s){let{id:l,track:c,sequence:u}=e,m=f=>f.segment===l&&f.fault==="index"==(a==="index");this.damages.find(f=>m(f)&&f.fromMs<=n&&o<=f.toMs)||(this.damages=Ws(this.damages,{segment:l,track:c,sequence:u,fromMs:n,toMs:o,fault:a,message:s}),this.changed())}async runChecks(){if(!this.checking){this.checking=!0;for(let e=this.toCheck[0];e!==void 0&&this.client;e=this.toCheck[0]){let n=this.segments.get(e);n&&await this.checkOne(n),this.toCheck=this.toCheck.filter(o=>o!==e)}this.checking=!1}}async checkOne(e){try{let n=await this.client.check({segment:Xn(e),index:nr(e)}),o=e.chunks.filter(({offset:s,len:l})=>s+l<=n.signedTo).at(-1),a=o?o.from_ms+o.duration_ms:e.from_ms;this.checks.set(e.id,{answer:n,signedMs:a,whole:n.closing!==null,of:e}),n.trouble?this.blame(e,n):qe(e)||this.blameUnsigned(e,n);for(let{fromMs:s,toMs:l,message:c}of n.differences)this.damage(e,s,l,"index",c);this.comparePlaces(e),this.changed()}catch(n){n instanceof he?this.damage(e,e.from_ms,e.to_ms,n.fault,n.message):this.report(n)}}blame(e,n){let{fault:o,message:a}=n.trouble,s=e.chunks.find(({offset:c,len:u})=>c+u>n.checkedTo),l=s?.from_ms??e.to_ms-1e3;this.damage(e,l,s?l+s.duration_ms:e.to_ms,o,a)}blameUnsigned(e,{signedTo:n,checkedTo:o}){let a=e.chunks.findIndex(({offset:s})=>s>=n);if(!(a<0))for(let{offset:s,from_ms:l,duration_ms:c}of e.chunks.slice(Qn(e,a)))s<o&&this.damage(e,l,l+c,"unsigned","no signature for more than 6 s")}comparePlaces(e){let n=[...this.checks].flatMap(([o,{answer:a}])=>{let s=this.segments.get(o);return s?.run===e.run?[{originMs:s.media_origin_ms,originUs:a.originUs,wallMinusBootMs:a.wallMinusBootMs}]:[]});Xs(n)||this.damage(e,e.from_ms,e.to_ms,"index","the run's segments are not placed by one clock")}async poll(){try{let n=await Ie.segments(this.recording.id,this.revision);if(this.stopped)return;this.clockSkewMs=n.now_ms-Date.now(),this.revision=n.revision;for(let o of n.segments)this.segments.set(o.id,o);if(await this.openNewRuns(),this.stopped)return;this.noteRefused(),this.obstacle=null;for(let o of this.checks.keys())this.requestCheck(o);for(let o of this.segments.values())Me(o)&&qe(o)&&o.chunks.length===0&&this.requestCheck(o.id)}catch(n){if(this.stopped)return;this.report(n)}this.changed(),!(this.recording.state==="expired"||this.obstacle?.kind==="expired"||this.obstacle?.kind==="signed-out")&&!this.stopped&&(this.timer=setTimeout(()=>{this.poll()},bl))}async openNewRuns(){let e=new Set([...this.segments.values()].map(({run:c})=>c));if(this.client&&[...e].every(c=>this.openRuns.has(c)))return;let n=await A.keys(this.recording.id);if(!await cr(n.institution,this.me.institution))throw new he("certificate","the keys belong to another institution");this.client??=new tn;let o=[...this.segments.values()].map(({from_ms:c})=>c),a=Math.min(this.recording.starts_ms,this.nowMs(),...o),s={exam:this.recording.exam.id,recording:this.recording.id,fromMs:a,toMs:Math.max(a,Math.round(this.nowMs()))},l=await this.client.open({keys:n,scope:s,review:this.review});this.refusedCertificates=l.certificates;for(let c of n.runs)this.openRuns.add(c.run);for(let{run:c,trouble:u}of l.refused)for(let m of this.segments.values())m.run===c&&this.damage(m,m.from_ms,m.to_ms,u.fault,u.message)}noteRefused(){for(let e of this.segments.values())e.state==="refused"&&this.damage(e,e.from_ms,e.to_ms,"malformed","refused by the server");if(this.recording.state!=="expired")for(let{run:e,track:n,sequence:o}of Ks([...this.segments.values()].filter(Me))){let a=[...this.segments.values()].filter(s=>s.run===e&&s.track===n&&s.sequence>o).sort((s,l)=>s.sequence-l.sequence)[0];if(a){let s={...a,id:-a.id,sequence:o};this.damage(s,a.from_ms-1,a.from_ms,"cut-out",`segment ${o} is not on the server`)}}}report(e){if(!(e instanceof DOMException&&e.name==="AbortError")){if(e instanceof D){let n={401:"signed-out",403:"forbidden",404:"expired",410:"expired"};this.obstacle={kind:n[e.status]??"offline"}}else this.obstacle={kind:"keys",message:e instanceof Error?e.message:String(e)};this.changed()}}};var Qs="invigil.auto-jump";function ea(t,e,n,o){let a=U(null),s=U(null),[,l]=b(0);S(()=>{let m=a.current;if(!m)return;let d=0,f=()=>{d||=requestAnimationFrame(()=>{d=0,l(y=>y+1)})},h=new nn(t,n,e,()=>{s.current?.controller.tick(),f()}),p=Ct(location.hash),g=yl(t,p.page==="recording"?p.atSecs:o),w=new en(m,h,f,{track:null,atMs:g,autoJump:wl()});return s.current={footage:h,controller:w},h.start(),()=>{cancelAnimationFrame(d),w.close(),h.stop(),s.current=null}},[]),S(()=>s.current?.footage.update(t),[t]);let c=U(!0);S(()=>{!c.current&&o!==null&&s.current?.controller.seek(t.starts_ms+o*1e3),c.current=!1},[o]);let u=s.current?.controller.state??null;return{video:a,state:u,footage:s.current?.footage??null,controller:s.current?.controller??null}}function yl(t,e){if(e!==null)return t.starts_ms+e*1e3;let n=t.footage.reduce((o,{from_ms:a})=>Math.min(o,a),Number.POSITIVE_INFINITY);return Number.isFinite(n)?n:t.starts_ms}function wl(){try{return localStorage.getItem(Qs)!=="off"}catch{return!0}}function ta(t){try{localStorage.setItem(Qs,t?"on":"off")}catch{}}function na(t,e){history.replaceState(null,"",`#/recording/${t}?t=${Math.floor(e)}`)}function ra({controller:t,state:e,footage:n,recording:o,offsetSecs:a,stage:s}){let l=[...new Set([...n.segments.values()].filter(Me).map(({track:d})=>d))].sort(),c=o.state==="recording"||o.state==="offline",u=d=>{ta(d),t.setAutoJump(d)},m=()=>{document.fullscreenElement?document.exitFullscreen():s.current?.querySelector(".stage")?.requestFullscreen()};return r("div",{class:"controls",children:[r("div",{class:"group",children:[r("button",{type:"button",onClick:()=>t.seek(e.atMs-1e4),"aria-label":i("player-back"),title:i("player-back"),children:"−10"}),r("button",{type:"button",class:"primary play","data-test":"play","aria-label":i(e.playing?"player-pause":"player-play"),onClick:()=>e.playing?t.pause():t.play(),children:r("svg",{viewBox:"0 0 16 16",width:"16",height:"16","aria-hidden":"true",children:r("path",{d:e.playing?"M3 2h4v12H3zM9 2h4v12H9z":"M4 2l10 6-10 6z"})})}),r("button",{type:"button",onClick:()=>t.seek(e.atMs+1e4),"aria-label":i("player-forward"),title:i("player-forward"),children:"+10"})]}),c&&r("button",{type:"button",class:e.live?"toggle on":"toggle","data-test":"live","aria-pressed":e.live,title:i("player-live-hint"),onClick:()=>t.follow(),children:[r("span",{class:"dot","aria-hidden":"true"})," ",i("player-live")]}),r("label",{class:"inline",children:[i("player-speed"),r("select",{"data-test":"speed",value:String(e.rate),onChange:d=>t.setRate(Number(d.currentTarget.value)),children:We.map(d=>r("option",{value:String(d),children:[d,"×"]},d))})]}),l.length>1&&r("label",{class:"inline",children:[i("player-track"),r("select",{"data-test":"track",value:e.track??"",onChange:d=>t.setTrack(d.currentTarget.value),children:l.map(d=>r("option",{value:d,children:d},d))})]}),r(vl,{controller:t,atMs:e.atMs,exampleMs:o.starts_ms,offsetSecs:a}),r("label",{class:"inline check",children:[r("input",{type:"checkbox","data-test":"auto-jump",checked:e.autoJump,onChange:d=>u(d.currentTarget.checked)}),i("player-auto-jump")]}),r("button",{type:"button",onClick:m,children:i("player-fullscreen")})]})}function vl(t){let{controller:e,atMs:n,exampleMs:o,offsetSecs:a}=t,[s,l]=b(""),[c,u]=b(!1);return r("form",{class:"inline go-to",onSubmit:d=>{d.preventDefault();let f=At(s,n,a);u(f===null),f!==null&&(e.seek(f),l(""))},children:[r("label",{class:"inline",children:[i("player-go-to"),r("input",{name:"time",class:"time",inputMode:"numeric",autocomplete:"off",placeholder:P(o,a),value:s,"aria-invalid":c,"aria-describedby":c?"go-wrong":void 0,onInput:d=>l(d.currentTarget.value)})]}),r("button",{type:"submit",children:i("player-go")}),c&&r("span",{class:"field-error",id:"go-wrong",role:"alert",children:i("player-go-wrong",{example:P(o,a)})})]})}function oa({footage:t,offsetSecs:e,onSeek:n}){let o=[...t.segments.values()].filter(Me),a=o.filter(({id:s})=>t.checks.get(s)?.whole).length;return r(C,{children:[t.damages.length>0&&r("section",{class:"message bad",role:"alert","data-test":"damaged","aria-labelledby":"damaged-title",children:[r("h2",{id:"damaged-title",children:i("player-damaged")}),r("ul",{children:t.damages.map(s=>r("li",{children:r("button",{type:"button",class:"link",onClick:()=>n(s.fromMs-3e3),children:i("player-damage",{segment:s.sequence,track:s.track,from:P(s.fromMs,e),to:P(s.toMs,e),fault:V(`fault-${s.fault}`,"fault-malformed")})})},`${s.segment} ${s.fromMs} ${s.fault}`))})]}),t.refusedCertificates.length>0&&r("details",{class:"message warn",children:[r("summary",{children:i("player-certificates",{count:t.refusedCertificates.length})}),r("ul",{children:t.refusedCertificates.map((s,l)=>r("li",{children:s},l))})]}),o.length>0&&r("p",{class:"hint","data-test":"verified",children:i("player-verified",{checked:a,total:o.length})})]})}var kl=1e4;function sa({recording:t,review:e,me:n,atSecs:o,onSignedOut:a}){let{video:s,state:l,footage:c,controller:u}=ea(t,e,n,o),m=Us(t,u,s),d=U(null),f=t.exam.utc_offset_secs,h=l?.atMs??t.starts_ms,p=c?.nowMs()??t.now_ms,g=Math.floor(p/1e3),w=nt(()=>Zt(t,c?.segments.values()??[],c?.damages??[],p),[t,c?.damages,c?.segments.size,g]);S(()=>d.current?.focus({preventScroll:!0}),[]),S(()=>{c?.obstacle?.kind==="signed-out"&&a()},[c?.obstacle]),S(()=>{let v=setInterval(()=>{let $=u?.state;$&&document.visibilityState==="visible"&&na(t.id,($.atMs-t.starts_ms)/1e3)},2e3);return()=>clearInterval(v)},[u]),S(()=>{if(!l?.jumped)return;let v=setTimeout(()=>u?.dismiss(),kl);return()=>clearTimeout(v)},[l?.jumped]);let y=v=>u?.seek(v),k=()=>l?.playing?u?.pause():u?.play();return r("section",{ref:d,class:"player",tabIndex:-1,"aria-label":i("player-title"),onKeyDown:v=>u&&xl(v,u,t,c,d.current,m),children:[r("div",{class:"stage",children:[r("video",{ref:s,muted:!0,playsInline:!0,disablePictureInPicture:!0,"aria-label":i("player-video",{who:t.who}),onClick:k}),r("div",{class:"stage-top",children:[r("span",{class:"stage-time","data-test":"clock",children:[J(h,f)," ",P(h,f)]}),l?.live&&r("span",{class:"chip live",children:i("player-live")}),l?.unsigned&&r("span",{class:"chip warn","data-test":"unsigned",children:i("player-unsigned")})]}),r(_l,{footage:c,controller:u,recording:t,offsetSecs:f})]}),u&&l&&c&&r(ra,{controller:u,state:l,footage:c,recording:t,offsetSecs:f,stage:d}),r("div",{class:"live-region",role:"status","data-test":"notice",children:l?.jumped&&r("p",{class:"message warn notice",children:[i("player-jumped",{length:te(l.jumped.toMs-l.jumped.fromMs),from:P(l.jumped.fromMs,f),to:P(l.jumped.toMs,f),cause:aa(t,c,l.jumped.fromMs,l.jumped.toMs)}),r("button",{type:"button",class:"small",onClick:()=>u?.dismiss(),"aria-label":i("close"),children:"×"})]})}),r(Xt,{model:w,atMs:h,offsetSecs:f,deadlineOffsetSecs:ut(t),onSeek:y,marks:m.collected.marks,onMove:m.move}),r(js,{recording:t,me:n,collecting:m,atMs:h,onSeek:y}),c&&r(oa,{footage:c,offsetSecs:f,onSeek:y}),r(Yt,{model:w,offsetSecs:f,onSeek:y}),r(On,{me:n}),r("p",{class:"hint",children:i("player-keys")})]})}function _l(t){let{footage:e,controller:n,recording:o,offsetSecs:a}=t,s=n?.state;if(!e||!s)return null;if(e.obstacle){let{obstacle:l}=e;return r("p",{class:"stage-message",role:"alert",children:l.kind==="keys"?i("error-keys",{message:l.message}):i(`error-${l.kind}`)})}if(s.unsupported)return r("p",{class:"stage-message",role:"alert",children:i("player-unsupported",{codec:s.unsupported})});if(s.track===null)return r("p",{class:"stage-message",role:"status",children:i("player-no-footage")});if(s.gap){let{fromMs:l,toMs:c}=s.gap;return c===null?r("p",{class:"stage-message",role:"status",children:i(o.state==="recording"||o.state==="offline"?"player-gap-wait":"player-gap-end")}):r("div",{class:"stage-message",role:"status",children:[r("p",{children:i("player-gap",{cause:aa(o,e,l,c)})}),r("button",{type:"button",onClick:()=>n?.seek(c+10),children:i("player-gap-jump",{time:P(c,a)})})]})}return s.waiting?r("p",{class:"stage-message quiet",role:"status",children:i("player-checking")}):null}function aa(t,e,n,o){let a=(l,c)=>l<o&&c>n;if(e?.damages.some(l=>a(l.fromMs,l.toMs)))return i("cause-damaged");let s=t.missing.filter(({from_ms:l,to_ms:c})=>a(l,c)).sort((l,c)=>Math.min(c.to_ms,o)-Math.max(c.from_ms,n)-(Math.min(l.to_ms,o)-Math.max(l.from_ms,n)))[0];return s?V(`cause-${s.cause}`,"cause-unknown"):i(t.footage.some(({from_ms:l,to_ms:c})=>a(l,c))?"cause-other-track":"cause-unknown")}function xl(t,e,n,o,a,s){let l=t.target;if(t.ctrlKey||t.altKey||t.metaKey||l.closest("input, select, textarea, dialog"))return;let{state:c}=e,u=h=>e.seek(c.atMs+h*1e3),m=h=>e.setRate(We[Math.min(We.length-1,Math.max(0,We.indexOf(c.rate)+h))]??1),d={k:()=>c.playing?e.pause():e.play(),j:()=>u(-10),l:()=>u(10),ArrowLeft:()=>u(t.shiftKey?-60:-5),ArrowRight:()=>u(t.shiftKey?60:5),Home:()=>e.seek(Math.min(n.starts_ms,...n.footage.map(({from_ms:h})=>h))),End:()=>Ke([...o?.segments.values()??[]])===null?void 0:e.follow(),"<":()=>m(-1),">":()=>m(1),i:s.in,o:s.out,s:()=>{s.still()},f:()=>{document.fullscreenElement?document.exitFullscreen():a?.querySelector(".stage")?.requestFullscreen()}};if(t.key===" "&&l.closest("button, a, summary"))return;let f=t.key===" "?d.k:d[t.key]??d[t.key.toLowerCase()];f&&(t.preventDefault(),f())}var $l=5e3,Ml=["invigilator","reviewer","board","registrar","admin"];function ia({exam:t,me:e,onSignedOut:n}){let[o,a]=b(!1),s=e.role!=="invigilator",l=async m=>{let[d,f]=await Promise.all([m.recordings(t),m.exams()]);return{recordings:d,exam:f.find(h=>h.id===t)??d[0]?.exam??null}},{value:c,error:u}=se(l,$l,[t]);return Y(c?.exam?.title??i("recordings-title")),r(C,{children:[r("nav",{children:r("a",{href:"#/",children:["← ",i("exams-title")]})}),c?.exam&&r(C,{children:[r("div",{class:"card-head",children:[r("h1",{children:c.exam.title}),r(Kn,{exam:c.exam})]}),r(Wn,{exam:c.exam}),Ml.includes(e.role)&&r("p",{children:r("button",{type:"button",class:s?"":"primary","data-test":"on-the-spot",onClick:()=>a(!0),children:i("draw-up-on-the-spot")})}),o&&r(jt,{exam:c.exam,recording:null,range:null,stills:0,me:e,onClose:()=>a(!1)})]}),r("h2",{children:i(s?"recordings-title":"people-title")}),r(Z,{error:u,empty:!c,onSignedOut:n}),c?.recordings.length===0&&r("p",{class:"hint",children:i("recordings-none")}),r("ul",{class:"cards",children:c?.recordings.map(m=>r("li",{class:"card",children:[r("div",{class:"card-head",children:[r("h3",{children:s?r("a",{href:`#/recording/${m.id}`,children:m.who}):m.who}),r(rr,{recording:m})]}),s&&r(Vs,{recording:m}),s&&r(or,{recording:m})]},m.id))})]})}function rr({recording:t}){return r(j,{tone:{waiting:"plain",recording:"live",offline:"warn",finished:"good",expired:"bad"}[t.state]??"plain",children:i(`recording-state-${t.state}`)})}function or({recording:t}){let e=t.exam.utc_offset_secs,n=t.last_contact_ms;return r(Ve,{rows:[[i(`recording-kind-${t.kind}`),t.who],[i("recording-recorded"),te(t.recorded_ms)],[i("recording-size"),i("size-mb",{mb:ke(t.size_bytes)})],[i("recording-outages"),String(t.outages.length)],[i("recording-last-contact"),n===null?i("never"):O(n,e,!0)]]})}var Sl=3e3;function la({id:t,atSecs:e,me:n,onSignedOut:o}){let a=Q(),{value:s,error:l}=se(d=>d.recording(t),Sl,[t]),c=nt(()=>s&&Zt(s,[],[],s.now_ms),[s]);if(Y(s?.who??i("player-title")),!s||!c)return r(Z,{error:l,empty:!0,onSignedOut:o});let u=s.exam.utc_offset_secs,m=s.state==="expired"&&s.held.length===0;return r(C,{children:[r("nav",{children:r("a",{href:`#/exam/${s.exam.id}`,children:["← ",s.exam.title]})}),r("div",{class:"card-head",children:[r("h1",{children:s.who}),r(rr,{recording:s}),r("span",{class:"hint",children:ve(s.starts_ms,s.ends_ms,u)})]}),r(Z,{error:l,empty:!1,onSignedOut:o}),r(Bs,{recording:s}),s.state==="expired"&&!m&&r("p",{class:"message warn",children:i("recording-held-only")}),a&&!m?r(sa,{recording:s,review:a,me:n,atSecs:e,onSignedOut:o}):r(C,{children:[m?r("p",{class:"message plain",children:i("error-expired")}):r(_e,{me:n}),r(Xt,{model:c,atMs:null,offsetSecs:u,deadlineOffsetSecs:ut(s),onSeek:null}),r(Yt,{model:c,offsetSecs:u,onSeek:null})]}),r(or,{recording:s})]})}var ca=864e5,da=t=>new Date(t).toISOString().slice(0,10);function ua({onSignedOut:t}){let[e,n]=b(()=>da(Date.now()+ca)),[o,a]=b(()=>da(Date.now()-180*ca)),[s,l]=b(null),[c,u]=b([]),[m,d]=b(null);Y(i("registrar-title"));let f=o===""||e===""||o>e;return S(()=>{if(f)return;let h=!1;return d(null),A.annulments(o,e).then(p=>h||l(p),p=>h||d(p instanceof D?p:new D(0,""))),()=>{h=!0}},[o,e]),S(()=>{A.forms().then(u,()=>{})},[]),r(C,{children:[r("h1",{children:i("registrar-title")}),r("p",{class:"hint",children:i("registrar-lead")}),r("div",{class:"controls filters",children:[r("label",{class:"inline",children:[i("registrar-from")," ",r("input",{class:"day",name:"from",type:"date",value:o,max:e,onInput:h=>a(h.currentTarget.value)})]}),r("label",{class:"inline",children:[i("registrar-to")," ",r("input",{class:"day",name:"to",type:"date",value:e,min:o,onInput:h=>n(h.currentTarget.value)})]}),!f&&r("span",{class:"group",children:[r("a",{class:"button","data-test":"csv",download:!0,href:on(o,e,"csv"),children:i("registrar-csv")}),r("a",{class:"button","data-test":"json",download:!0,href:on(o,e,"json"),children:i("registrar-json")})]})]}),f&&r("p",{class:"field-error",role:"alert",children:i("registrar-wrong")}),r(Z,{error:m,empty:!s&&!f,onSignedOut:t}),s&&r("p",{class:"hint",role:"status",children:i("registrar-count",{count:s.length})}),s&&s.length>0&&r("div",{class:"scroll",tabIndex:0,role:"region","aria-label":i("registrar-title"),children:r("table",{"data-test":"annulments",children:[r("thead",{children:r("tr",{children:["number","student","exam","points","signed","cancelled"].map(h=>r("th",{scope:"col",children:i(`registrar-${h}`)},h))})}),r("tbody",{children:s.map(h=>r("tr",{children:[r("th",{scope:"row",children:[r("a",{href:`#/act/${h.act}`,children:h.number}),r("br",{}),r("span",{class:"hint",children:rt(c,h.kind)})]}),r("td",{children:[h.student,r("br",{}),r("span",{class:"hint",children:h.student_id})]}),r("td",{children:[h.discipline,r("br",{}),r("span",{class:"hint",children:[h.title,", ",sr(h.exam_starts)]})]}),r("td",{children:h.points.map(p=>r("div",{children:go(c,h.kind,p)},p))}),r("td",{children:sr(h.signed)}),r("td",{children:[r(Tl,{row:h}),h.confirmed_by!==null&&r(C,{children:[r("br",{}),r("span",{class:"hint",children:h.confirmed_by})]}),h.repeated&&r(C,{children:[r("br",{}),r(j,{tone:"bad",children:i("act-repeated-short")})]})]})]},h.act))})]})})]})}function Tl({row:t}){let{key:e,number:n}=ho(t);return r(C,{children:[e!==null&&r(j,{tone:e==="registrar-revoked"?"bad":"warn",children:i(e,{number:n})}),e!==null&&t.cancelled!==null&&r("br",{}),t.cancelled!==null&&sr(t.cancelled)]})}function sr(t){let e=Date.parse(t.replace(/\[.*\]$/,"")),n=pe(t)??0;return Number.isNaN(e)?t:`${J(e,n)} ${P(e,n,!1)} ${ue(n)}`}function ma(){let t=co(),e=lo(),[n,o]=b(null),[a,s]=b(!1),[l,c]=b(null),[u,m]=b([]);S(()=>{ao(),is(),io().then(m),A.me().then(o).catch(g=>{g instanceof D&&g.status!==401&&c(g)}).finally(()=>s(!0))},[]);let d=()=>{W.lock(),o(null)},f=async()=>{!await as()&&!confirm(i("draft-leave"))||(A.logout().catch(()=>{}),d(),location.hash="#/")},h=n&&e.page==="exams"?Rs(n.role):e.page;return r(C,{children:[r("a",{class:"skip",href:"#main",onClick:g=>{g.preventDefault(),document.getElementById("main")?.focus()},children:i("skip-to-content")}),r(El,{me:n,language:t,onSignOut:()=>{f()}}),n&&r(Os,{me:n,page:h}),r("main",{id:"main",tabIndex:-1,children:[u.length>0&&r("p",{class:"message bad",role:"alert",children:i("browser-lacks",{features:u.join(", ")})}),l&&r("p",{class:"message bad",role:"alert",children:le(l)}),!a&&r("p",{class:"hint",role:"status",children:i("loading")}),a&&!n&&r(As,{onSignedIn:g=>(c(null),o(g))}),n&&r(Ms,{me:n,route:e}),n&&h==="exams"&&r(Ts,{onSignedOut:d}),n&&e.page==="exam"&&r(ia,{exam:e.id,me:n,onSignedOut:d},e.id),n&&h==="acts"&&r(wo,{me:n,onSignedOut:d}),n&&e.page==="act"&&r($s,{id:e.id,me:n,onSignedOut:d},e.id),n&&h==="holds"&&r(Cs,{me:n,onSignedOut:d}),n&&h==="registrar"&&r(ua,{onSignedOut:d}),n&&h==="audit"&&r(Ss,{onSignedOut:d}),n&&e.page==="recording"&&r(la,{id:e.id,atSecs:e.atSecs,me:n,onSignedOut:d},e.id)]})]})}function El({me:t,language:e,onSignOut:n}){return r("header",{children:[r("a",{class:"brand",href:"#/",children:[r("svg",{viewBox:"0 0 32 32",width:"28",height:"28","aria-hidden":"true",children:[r("rect",{class:"brand-ground",width:"32",height:"32",rx:"7"}),r("path",{class:"brand-line",d:"M5 16c3-5 6.700-7.500 11-7.500S24 11 27 16c-3 5-6.700 7.500-11 7.500S8 21 5 16z"}),r("circle",{class:"brand-dot",cx:"16",cy:"16",r:"3.600"})]}),r("span",{children:[i("app-name"),r("small",{children:t?.organisation??i("app-title")})]})]}),r("div",{class:"header-end",children:[t&&r(Cl,{}),t&&r("span",{class:"who",title:i("signed-in-as",{name:t.name,role:V(`role-${t.role}`,"role-unknown")}),children:t.name}),r("label",{class:"language",children:[r("span",{class:"sr",children:i("language")}),r("select",{value:e,onChange:o=>Hr(o.currentTarget.value),children:Ee.map(({code:o,name:a})=>r("option",{value:o,lang:o,children:a},o))})]}),t&&r("button",{type:"button",onClick:n,children:i("sign-out")})]})]})}function Cl(){let t=Q(),[e,n]=b(null);return S(()=>{let o=setInterval(()=>n(so()),1e3);return()=>clearInterval(o)},[]),t?r("span",{class:"lock",children:[r("span",{class:"chip good",children:e===null?i("unlocked"):i("locks-soon",{seconds:Math.ceil(e/1e3)})}),r("button",{type:"button","data-test":"lock",onClick:()=>W.lock(),children:i("lock")})]}):null}document.documentElement.lang=ie();var pa=document.getElementById("app");pa&&_r(r(ma,{}),pa);
