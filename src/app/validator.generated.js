// Made from schema.ts and environment.ts by `npm run generate`.
"use strict";
export const validateApp = validate10;
const schema11 = {"type":"object","properties":{"gantry":{"type":"number","const":1},"app":{"type":"string","pattern":"^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$"},"services":{"type":"object","propertyNames":{"type":"string","pattern":"^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$"},"additionalProperties":{"type":"object","properties":{"build":{"anyOf":[{"type":"string","pattern":"\\S"},{"type":"object","properties":{"context":{"type":"string","pattern":"\\S"},"dockerfile":{"type":"string","pattern":"\\S"},"target":{"type":"string","pattern":"\\S"},"args":{"type":"object","propertyNames":{"type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$"},"additionalProperties":{"type":["string","number","boolean"]}}},"required":["context"],"additionalProperties":false}]},"image":{"type":"string","pattern":"^[a-z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$"},"prepare":{"anyOf":[{"type":"string","pattern":"\\S"},{"minItems":1,"type":"array","items":{"anyOf":[{"type":"string","pattern":"\\S"},{"minItems":1,"type":"array","items":{"type":"string"}}]}}]},"run":{"anyOf":[{"type":"string","pattern":"\\S"},{"minItems":1,"type":"array","items":{"type":"string"}}]},"port":{"anyOf":[{"type":"integer","minimum":1,"maximum":65535},{"type":"object","properties":{"number":{"type":"integer","minimum":1,"maximum":65535},"fixed":{"type":"boolean"}},"required":["number"],"additionalProperties":false}]},"route":{"type":"string","pattern":"^(?=.{1,255}$)\\/([A-Za-z0-9._~-]+\\/)*([A-Za-z0-9._~-]+)?$"},"health":{"anyOf":[{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},{"type":"object","properties":{"path":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},"interval":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"timeout":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"startup":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"rise":{"type":"integer","minimum":1,"maximum":100},"fall":{"type":"integer","minimum":1,"maximum":100},"live":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"}},"required":["path"],"additionalProperties":false}]},"limits":{"type":"object","properties":{"cpu":{"type":"number","minimum":0.01,"maximum":256},"memory":{"type":"string","pattern":"^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$"}},"additionalProperties":false},"scale":{"type":"object","properties":{"min":{"type":"integer","minimum":1,"maximum":1000},"max":{"type":"integer","minimum":1,"maximum":1000},"cpu":{"type":"number","minimum":1,"maximum":100},"concurrency":{"type":"integer","minimum":1,"maximum":100000}},"additionalProperties":false},"replicas":{"type":"integer","minimum":1,"maximum":1000},"variables":{"type":"object","propertyNames":{"type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$"},"additionalProperties":{"type":["string","number","boolean"]}},"secrets":{"type":"array","items":{"type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$"}},"migrate":{"anyOf":[{"type":"string","pattern":"\\S"},{"minItems":1,"type":"array","items":{"type":"string"}},{"type":"object","properties":{"run":{"anyOf":[{"type":"string","pattern":"\\S"},{"minItems":1,"type":"array","items":{"type":"string"}}]},"files":{"type":"string","pattern":"\\S"}},"required":["run"],"additionalProperties":false}]},"schedule":{"type":"string","pattern":"\\S"},"static":{"anyOf":[{"type":"string","pattern":"\\S"},{"type":"object","properties":{"dir":{"type":"string","pattern":"\\S"},"fallback":{"type":"string","pattern":"\\S"}},"required":["dir"],"additionalProperties":false}]}},"additionalProperties":false}},"resources":{"type":"object","propertyNames":{"type":"string","pattern":"^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$"},"additionalProperties":{"type":"object","properties":{"type":{"type":"string","enum":["postgres","redis"]},"version":{"type":"integer","minimum":1,"maximum":1000},"storage":{"type":"string","pattern":"^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$"},"external":{"type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$"}},"required":["type","version"],"additionalProperties":false}},"smoke":{"type":"array","items":{"type":"object","properties":{"get":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},"post":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},"put":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},"patch":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},"delete":{"type":"string","pattern":"^\\/[^\\s#\\\\]{0,1023}$"},"headers":{"type":"object","propertyNames":{"type":"string","pattern":"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"},"additionalProperties":{"type":["string","number","boolean"]}},"body":{},"expect":{"type":"object","properties":{"status":{"type":"integer","minimum":100,"maximum":599},"json":{},"contains":{"type":"string","pattern":"\\S"}},"additionalProperties":false}},"additionalProperties":false}},"release":{"type":"object","properties":{"strategy":{"type":"string","enum":["blue-green","rolling","recreate"]},"canary":{"type":"object","properties":{"share":{"type":"number","minimum":0,"maximum":100},"duration":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"}},"additionalProperties":false},"bake":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"drain":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"grace":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"budget":{"type":"integer","minimum":0,"maximum":1000000},"keep":{"type":"integer","minimum":1,"maximum":100},"gates":{"type":"object","properties":{"errorRate":{"type":"number","minimum":0,"maximum":100},"latencyFactor":{"type":"number","minimum":1,"maximum":100}},"additionalProperties":false}},"additionalProperties":false}},"required":["gantry","app","services"],"additionalProperties":false};
const pattern0 = new RegExp("^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$", "u");
const pattern2 = new RegExp("\\S", "u");
const pattern6 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
const pattern7 = new RegExp("^[a-z0-9][a-zA-Z0-9._:/-]*@sha256:[0-9a-f]{64}$", "u");
const pattern11 = new RegExp("^(?=.{1,255}$)\\/([A-Za-z0-9._~-]+\\/)*([A-Za-z0-9._~-]+)?$", "u");
const pattern12 = new RegExp("^\\/[^\\s#\\\\]{0,1023}$", "u");
const pattern14 = new RegExp("^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$", "u");
const pattern18 = new RegExp("^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$", "u");
const pattern36 = new RegExp("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "u");
const func2 = Object.prototype.hasOwnProperty;

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((data.gantry === undefined) && (missing0 = "gantry")) || ((data.app === undefined) && (missing0 = "app"))) || ((data.services === undefined) && (missing0 = "services"))){
validate10.errors = [];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!((((((key0 === "gantry") || (key0 === "app")) || (key0 === "services")) || (key0 === "resources")) || (key0 === "smoke")) || (key0 === "release"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs1 === errors){
if(data.gantry !== undefined){
let data0 = data.gantry;
const _errs2 = errors;
if(!((typeof data0 == "number") && (isFinite(data0)))){
validate10.errors = [];
return false;
}
if(1 !== data0){
validate10.errors = [];
return false;
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.app !== undefined){
let data1 = data.app;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.services !== undefined){
let data2 = data.services;
const _errs6 = errors;
if(errors === _errs6){
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key1 in data2){
const _errs8 = errors;
if(errors === _errs8){
if(typeof key1 === "string"){
if(!pattern0.test(key1)){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid1 = _errs8 === errors;
if(!valid1){
const err2 = {};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate10.errors = vErrors;
return false;
break;
}
}
if(valid1){
for(const key2 in data2){
let data3 = data2[key2];
const _errs11 = errors;
if(errors === _errs11){
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
const _errs13 = errors;
for(const key3 in data3){
if(!(func2.call(schema11.properties.services.additionalProperties.properties, key3))){
validate10.errors = [];
return false;
break;
}
}
if(_errs13 === errors){
if(data3.build !== undefined){
let data4 = data3.build;
const _errs14 = errors;
const _errs15 = errors;
let valid4 = false;
const _errs16 = errors;
if(errors === _errs16){
if(typeof data4 === "string"){
if(!pattern2.test(data4)){
const err3 = {};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
var _valid0 = _errs16 === errors;
valid4 = valid4 || _valid0;
if(!valid4){
const _errs18 = errors;
if(errors === _errs18){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
let missing1;
if((data4.context === undefined) && (missing1 = "context")){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
else {
const _errs20 = errors;
for(const key4 in data4){
if(!((((key4 === "context") || (key4 === "dockerfile")) || (key4 === "target")) || (key4 === "args"))){
const err6 = {};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
break;
}
}
if(_errs20 === errors){
if(data4.context !== undefined){
let data5 = data4.context;
const _errs21 = errors;
if(errors === _errs21){
if(typeof data5 === "string"){
if(!pattern2.test(data5)){
const err7 = {};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
var valid5 = _errs21 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data4.dockerfile !== undefined){
let data6 = data4.dockerfile;
const _errs23 = errors;
if(errors === _errs23){
if(typeof data6 === "string"){
if(!pattern2.test(data6)){
const err9 = {};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
else {
const err10 = {};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
var valid5 = _errs23 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data4.target !== undefined){
let data7 = data4.target;
const _errs25 = errors;
if(errors === _errs25){
if(typeof data7 === "string"){
if(!pattern2.test(data7)){
const err11 = {};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
else {
const err12 = {};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
var valid5 = _errs25 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data4.args !== undefined){
let data8 = data4.args;
const _errs27 = errors;
if(errors === _errs27){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
for(const key5 in data8){
const _errs29 = errors;
if(errors === _errs29){
if(typeof key5 === "string"){
if(!pattern6.test(key5)){
const err13 = {};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
var valid6 = _errs29 === errors;
if(!valid6){
const err15 = {};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
break;
}
}
if(valid6){
for(const key6 in data8){
let data9 = data8[key6];
const _errs32 = errors;
if(((typeof data9 !== "string") && (!((typeof data9 == "number") && (isFinite(data9))))) && (typeof data9 !== "boolean")){
const err16 = {};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
var valid7 = _errs32 === errors;
if(!valid7){
break;
}
}
}
}
else {
const err17 = {};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
var valid5 = _errs27 === errors;
}
else {
var valid5 = true;
}
}
}
}
}
}
}
else {
const err18 = {};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
var _valid0 = _errs18 === errors;
valid4 = valid4 || _valid0;
}
if(!valid4){
const err19 = {};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs15;
if(vErrors !== null){
if(_errs15){
vErrors.length = _errs15;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs14 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.image !== undefined){
let data10 = data3.image;
const _errs34 = errors;
if(errors === _errs34){
if(typeof data10 === "string"){
if(!pattern7.test(data10)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs34 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.prepare !== undefined){
let data11 = data3.prepare;
const _errs36 = errors;
const _errs37 = errors;
let valid8 = false;
const _errs38 = errors;
if(errors === _errs38){
if(typeof data11 === "string"){
if(!pattern2.test(data11)){
const err20 = {};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
else {
const err21 = {};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
var _valid1 = _errs38 === errors;
valid8 = valid8 || _valid1;
if(!valid8){
const _errs40 = errors;
if(errors === _errs40){
if(Array.isArray(data11)){
if(data11.length < 1){
const err22 = {};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
else {
var valid9 = true;
const len0 = data11.length;
for(let i0=0; i0<len0; i0++){
let data12 = data11[i0];
const _errs42 = errors;
const _errs43 = errors;
let valid10 = false;
const _errs44 = errors;
if(errors === _errs44){
if(typeof data12 === "string"){
if(!pattern2.test(data12)){
const err23 = {};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
var _valid2 = _errs44 === errors;
valid10 = valid10 || _valid2;
if(!valid10){
const _errs46 = errors;
if(errors === _errs46){
if(Array.isArray(data12)){
if(data12.length < 1){
const err25 = {};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
else {
var valid11 = true;
const len1 = data12.length;
for(let i1=0; i1<len1; i1++){
const _errs48 = errors;
if(typeof data12[i1] !== "string"){
const err26 = {};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
var valid11 = _errs48 === errors;
if(!valid11){
break;
}
}
}
}
else {
const err27 = {};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
var _valid2 = _errs46 === errors;
valid10 = valid10 || _valid2;
}
if(!valid10){
const err28 = {};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
else {
errors = _errs43;
if(vErrors !== null){
if(_errs43){
vErrors.length = _errs43;
}
else {
vErrors = null;
}
}
}
var valid9 = _errs42 === errors;
if(!valid9){
break;
}
}
}
}
else {
const err29 = {};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
var _valid1 = _errs40 === errors;
valid8 = valid8 || _valid1;
}
if(!valid8){
const err30 = {};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs37;
if(vErrors !== null){
if(_errs37){
vErrors.length = _errs37;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs36 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.run !== undefined){
let data14 = data3.run;
const _errs50 = errors;
const _errs51 = errors;
let valid12 = false;
const _errs52 = errors;
if(errors === _errs52){
if(typeof data14 === "string"){
if(!pattern2.test(data14)){
const err31 = {};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
else {
const err32 = {};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
var _valid3 = _errs52 === errors;
valid12 = valid12 || _valid3;
if(!valid12){
const _errs54 = errors;
if(errors === _errs54){
if(Array.isArray(data14)){
if(data14.length < 1){
const err33 = {};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
else {
var valid13 = true;
const len2 = data14.length;
for(let i2=0; i2<len2; i2++){
const _errs56 = errors;
if(typeof data14[i2] !== "string"){
const err34 = {};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
var valid13 = _errs56 === errors;
if(!valid13){
break;
}
}
}
}
else {
const err35 = {};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
var _valid3 = _errs54 === errors;
valid12 = valid12 || _valid3;
}
if(!valid12){
const err36 = {};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs51;
if(vErrors !== null){
if(_errs51){
vErrors.length = _errs51;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs50 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.port !== undefined){
let data16 = data3.port;
const _errs58 = errors;
const _errs59 = errors;
let valid14 = false;
const _errs60 = errors;
if(!(((typeof data16 == "number") && (!(data16 % 1) && !isNaN(data16))) && (isFinite(data16)))){
const err37 = {};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
if(errors === _errs60){
if((typeof data16 == "number") && (isFinite(data16))){
if(data16 > 65535 || isNaN(data16)){
const err38 = {};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
else {
if(data16 < 1 || isNaN(data16)){
const err39 = {};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
}
}
}
var _valid4 = _errs60 === errors;
valid14 = valid14 || _valid4;
if(!valid14){
const _errs62 = errors;
if(errors === _errs62){
if(data16 && typeof data16 == "object" && !Array.isArray(data16)){
let missing2;
if((data16.number === undefined) && (missing2 = "number")){
const err40 = {};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
else {
const _errs64 = errors;
for(const key7 in data16){
if(!((key7 === "number") || (key7 === "fixed"))){
const err41 = {};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
break;
}
}
if(_errs64 === errors){
if(data16.number !== undefined){
let data17 = data16.number;
const _errs65 = errors;
if(!(((typeof data17 == "number") && (!(data17 % 1) && !isNaN(data17))) && (isFinite(data17)))){
const err42 = {};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
if(errors === _errs65){
if((typeof data17 == "number") && (isFinite(data17))){
if(data17 > 65535 || isNaN(data17)){
const err43 = {};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
else {
if(data17 < 1 || isNaN(data17)){
const err44 = {};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
}
}
var valid15 = _errs65 === errors;
}
else {
var valid15 = true;
}
if(valid15){
if(data16.fixed !== undefined){
const _errs67 = errors;
if(typeof data16.fixed !== "boolean"){
const err45 = {};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
var valid15 = _errs67 === errors;
}
else {
var valid15 = true;
}
}
}
}
}
else {
const err46 = {};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
var _valid4 = _errs62 === errors;
valid14 = valid14 || _valid4;
}
if(!valid14){
const err47 = {};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs59;
if(vErrors !== null){
if(_errs59){
vErrors.length = _errs59;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs58 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.route !== undefined){
let data19 = data3.route;
const _errs69 = errors;
if(errors === _errs69){
if(typeof data19 === "string"){
if(!pattern11.test(data19)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs69 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.health !== undefined){
let data20 = data3.health;
const _errs71 = errors;
const _errs72 = errors;
let valid16 = false;
const _errs73 = errors;
if(errors === _errs73){
if(typeof data20 === "string"){
if(!pattern12.test(data20)){
const err48 = {};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
else {
const err49 = {};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
var _valid5 = _errs73 === errors;
valid16 = valid16 || _valid5;
if(!valid16){
const _errs75 = errors;
if(errors === _errs75){
if(data20 && typeof data20 == "object" && !Array.isArray(data20)){
let missing3;
if((data20.path === undefined) && (missing3 = "path")){
const err50 = {};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
else {
const _errs77 = errors;
for(const key8 in data20){
if(!(((((((key8 === "path") || (key8 === "interval")) || (key8 === "timeout")) || (key8 === "startup")) || (key8 === "rise")) || (key8 === "fall")) || (key8 === "live"))){
const err51 = {};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
break;
}
}
if(_errs77 === errors){
if(data20.path !== undefined){
let data21 = data20.path;
const _errs78 = errors;
if(errors === _errs78){
if(typeof data21 === "string"){
if(!pattern12.test(data21)){
const err52 = {};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
else {
const err53 = {};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
var valid17 = _errs78 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data20.interval !== undefined){
let data22 = data20.interval;
const _errs80 = errors;
if(errors === _errs80){
if(typeof data22 === "string"){
if(!pattern14.test(data22)){
const err54 = {};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
else {
const err55 = {};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
var valid17 = _errs80 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data20.timeout !== undefined){
let data23 = data20.timeout;
const _errs82 = errors;
if(errors === _errs82){
if(typeof data23 === "string"){
if(!pattern14.test(data23)){
const err56 = {};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
else {
const err57 = {};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
var valid17 = _errs82 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data20.startup !== undefined){
let data24 = data20.startup;
const _errs84 = errors;
if(errors === _errs84){
if(typeof data24 === "string"){
if(!pattern14.test(data24)){
const err58 = {};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
else {
const err59 = {};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
}
var valid17 = _errs84 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data20.rise !== undefined){
let data25 = data20.rise;
const _errs86 = errors;
if(!(((typeof data25 == "number") && (!(data25 % 1) && !isNaN(data25))) && (isFinite(data25)))){
const err60 = {};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
if(errors === _errs86){
if((typeof data25 == "number") && (isFinite(data25))){
if(data25 > 100 || isNaN(data25)){
const err61 = {};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
else {
if(data25 < 1 || isNaN(data25)){
const err62 = {};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
}
}
var valid17 = _errs86 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data20.fall !== undefined){
let data26 = data20.fall;
const _errs88 = errors;
if(!(((typeof data26 == "number") && (!(data26 % 1) && !isNaN(data26))) && (isFinite(data26)))){
const err63 = {};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
if(errors === _errs88){
if((typeof data26 == "number") && (isFinite(data26))){
if(data26 > 100 || isNaN(data26)){
const err64 = {};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
else {
if(data26 < 1 || isNaN(data26)){
const err65 = {};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
}
}
var valid17 = _errs88 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data20.live !== undefined){
let data27 = data20.live;
const _errs90 = errors;
if(errors === _errs90){
if(typeof data27 === "string"){
if(!pattern12.test(data27)){
const err66 = {};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
}
else {
const err67 = {};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
var valid17 = _errs90 === errors;
}
else {
var valid17 = true;
}
}
}
}
}
}
}
}
}
}
else {
const err68 = {};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
var _valid5 = _errs75 === errors;
valid16 = valid16 || _valid5;
}
if(!valid16){
const err69 = {};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs72;
if(vErrors !== null){
if(_errs72){
vErrors.length = _errs72;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs71 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.limits !== undefined){
let data28 = data3.limits;
const _errs92 = errors;
if(errors === _errs92){
if(data28 && typeof data28 == "object" && !Array.isArray(data28)){
const _errs94 = errors;
for(const key9 in data28){
if(!((key9 === "cpu") || (key9 === "memory"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs94 === errors){
if(data28.cpu !== undefined){
let data29 = data28.cpu;
const _errs95 = errors;
if(errors === _errs95){
if((typeof data29 == "number") && (isFinite(data29))){
if(data29 > 256 || isNaN(data29)){
validate10.errors = [];
return false;
}
else {
if(data29 < 0.01 || isNaN(data29)){
validate10.errors = [];
return false;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid18 = _errs95 === errors;
}
else {
var valid18 = true;
}
if(valid18){
if(data28.memory !== undefined){
let data30 = data28.memory;
const _errs97 = errors;
if(errors === _errs97){
if(typeof data30 === "string"){
if(!pattern18.test(data30)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid18 = _errs97 === errors;
}
else {
var valid18 = true;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs92 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.scale !== undefined){
let data31 = data3.scale;
const _errs99 = errors;
if(errors === _errs99){
if(data31 && typeof data31 == "object" && !Array.isArray(data31)){
const _errs101 = errors;
for(const key10 in data31){
if(!((((key10 === "min") || (key10 === "max")) || (key10 === "cpu")) || (key10 === "concurrency"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs101 === errors){
if(data31.min !== undefined){
let data32 = data31.min;
const _errs102 = errors;
if(!(((typeof data32 == "number") && (!(data32 % 1) && !isNaN(data32))) && (isFinite(data32)))){
validate10.errors = [];
return false;
}
if(errors === _errs102){
if((typeof data32 == "number") && (isFinite(data32))){
if(data32 > 1000 || isNaN(data32)){
validate10.errors = [];
return false;
}
else {
if(data32 < 1 || isNaN(data32)){
validate10.errors = [];
return false;
}
}
}
}
var valid19 = _errs102 === errors;
}
else {
var valid19 = true;
}
if(valid19){
if(data31.max !== undefined){
let data33 = data31.max;
const _errs104 = errors;
if(!(((typeof data33 == "number") && (!(data33 % 1) && !isNaN(data33))) && (isFinite(data33)))){
validate10.errors = [];
return false;
}
if(errors === _errs104){
if((typeof data33 == "number") && (isFinite(data33))){
if(data33 > 1000 || isNaN(data33)){
validate10.errors = [];
return false;
}
else {
if(data33 < 1 || isNaN(data33)){
validate10.errors = [];
return false;
}
}
}
}
var valid19 = _errs104 === errors;
}
else {
var valid19 = true;
}
if(valid19){
if(data31.cpu !== undefined){
let data34 = data31.cpu;
const _errs106 = errors;
if(errors === _errs106){
if((typeof data34 == "number") && (isFinite(data34))){
if(data34 > 100 || isNaN(data34)){
validate10.errors = [];
return false;
}
else {
if(data34 < 1 || isNaN(data34)){
validate10.errors = [];
return false;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid19 = _errs106 === errors;
}
else {
var valid19 = true;
}
if(valid19){
if(data31.concurrency !== undefined){
let data35 = data31.concurrency;
const _errs108 = errors;
if(!(((typeof data35 == "number") && (!(data35 % 1) && !isNaN(data35))) && (isFinite(data35)))){
validate10.errors = [];
return false;
}
if(errors === _errs108){
if((typeof data35 == "number") && (isFinite(data35))){
if(data35 > 100000 || isNaN(data35)){
validate10.errors = [];
return false;
}
else {
if(data35 < 1 || isNaN(data35)){
validate10.errors = [];
return false;
}
}
}
}
var valid19 = _errs108 === errors;
}
else {
var valid19 = true;
}
}
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs99 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.replicas !== undefined){
let data36 = data3.replicas;
const _errs110 = errors;
if(!(((typeof data36 == "number") && (!(data36 % 1) && !isNaN(data36))) && (isFinite(data36)))){
validate10.errors = [];
return false;
}
if(errors === _errs110){
if((typeof data36 == "number") && (isFinite(data36))){
if(data36 > 1000 || isNaN(data36)){
validate10.errors = [];
return false;
}
else {
if(data36 < 1 || isNaN(data36)){
validate10.errors = [];
return false;
}
}
}
}
var valid3 = _errs110 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.variables !== undefined){
let data37 = data3.variables;
const _errs112 = errors;
if(errors === _errs112){
if(data37 && typeof data37 == "object" && !Array.isArray(data37)){
for(const key11 in data37){
const _errs114 = errors;
if(errors === _errs114){
if(typeof key11 === "string"){
if(!pattern6.test(key11)){
const err70 = {};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
}
else {
const err71 = {};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
var valid20 = _errs114 === errors;
if(!valid20){
const err72 = {};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
validate10.errors = vErrors;
return false;
break;
}
}
if(valid20){
for(const key12 in data37){
let data38 = data37[key12];
const _errs117 = errors;
if(((typeof data38 !== "string") && (!((typeof data38 == "number") && (isFinite(data38))))) && (typeof data38 !== "boolean")){
validate10.errors = [];
return false;
}
var valid21 = _errs117 === errors;
if(!valid21){
break;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs112 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.secrets !== undefined){
let data39 = data3.secrets;
const _errs119 = errors;
if(errors === _errs119){
if(Array.isArray(data39)){
var valid22 = true;
const len3 = data39.length;
for(let i3=0; i3<len3; i3++){
let data40 = data39[i3];
const _errs121 = errors;
if(errors === _errs121){
if(typeof data40 === "string"){
if(!pattern6.test(data40)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid22 = _errs121 === errors;
if(!valid22){
break;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs119 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.migrate !== undefined){
let data41 = data3.migrate;
const _errs123 = errors;
const _errs124 = errors;
let valid23 = false;
const _errs125 = errors;
if(errors === _errs125){
if(typeof data41 === "string"){
if(!pattern2.test(data41)){
const err73 = {};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
else {
const err74 = {};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
var _valid6 = _errs125 === errors;
valid23 = valid23 || _valid6;
if(!valid23){
const _errs127 = errors;
if(errors === _errs127){
if(Array.isArray(data41)){
if(data41.length < 1){
const err75 = {};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
else {
var valid24 = true;
const len4 = data41.length;
for(let i4=0; i4<len4; i4++){
const _errs129 = errors;
if(typeof data41[i4] !== "string"){
const err76 = {};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
var valid24 = _errs129 === errors;
if(!valid24){
break;
}
}
}
}
else {
const err77 = {};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
var _valid6 = _errs127 === errors;
valid23 = valid23 || _valid6;
if(!valid23){
const _errs131 = errors;
if(errors === _errs131){
if(data41 && typeof data41 == "object" && !Array.isArray(data41)){
let missing4;
if((data41.run === undefined) && (missing4 = "run")){
const err78 = {};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
else {
const _errs133 = errors;
for(const key13 in data41){
if(!((key13 === "run") || (key13 === "files"))){
const err79 = {};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
break;
}
}
if(_errs133 === errors){
if(data41.run !== undefined){
let data43 = data41.run;
const _errs134 = errors;
const _errs135 = errors;
let valid26 = false;
const _errs136 = errors;
if(errors === _errs136){
if(typeof data43 === "string"){
if(!pattern2.test(data43)){
const err80 = {};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
else {
const err81 = {};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
}
var _valid7 = _errs136 === errors;
valid26 = valid26 || _valid7;
if(!valid26){
const _errs138 = errors;
if(errors === _errs138){
if(Array.isArray(data43)){
if(data43.length < 1){
const err82 = {};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
else {
var valid27 = true;
const len5 = data43.length;
for(let i5=0; i5<len5; i5++){
const _errs140 = errors;
if(typeof data43[i5] !== "string"){
const err83 = {};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
var valid27 = _errs140 === errors;
if(!valid27){
break;
}
}
}
}
else {
const err84 = {};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
var _valid7 = _errs138 === errors;
valid26 = valid26 || _valid7;
}
if(!valid26){
const err85 = {};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
else {
errors = _errs135;
if(vErrors !== null){
if(_errs135){
vErrors.length = _errs135;
}
else {
vErrors = null;
}
}
}
var valid25 = _errs134 === errors;
}
else {
var valid25 = true;
}
if(valid25){
if(data41.files !== undefined){
let data45 = data41.files;
const _errs142 = errors;
if(errors === _errs142){
if(typeof data45 === "string"){
if(!pattern2.test(data45)){
const err86 = {};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
else {
const err87 = {};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
var valid25 = _errs142 === errors;
}
else {
var valid25 = true;
}
}
}
}
}
else {
const err88 = {};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
var _valid6 = _errs131 === errors;
valid23 = valid23 || _valid6;
}
}
if(!valid23){
const err89 = {};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs124;
if(vErrors !== null){
if(_errs124){
vErrors.length = _errs124;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs123 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.schedule !== undefined){
let data46 = data3.schedule;
const _errs144 = errors;
if(errors === _errs144){
if(typeof data46 === "string"){
if(!pattern2.test(data46)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid3 = _errs144 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data3.static !== undefined){
let data47 = data3.static;
const _errs146 = errors;
const _errs147 = errors;
let valid28 = false;
const _errs148 = errors;
if(errors === _errs148){
if(typeof data47 === "string"){
if(!pattern2.test(data47)){
const err90 = {};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
else {
const err91 = {};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
var _valid8 = _errs148 === errors;
valid28 = valid28 || _valid8;
if(!valid28){
const _errs150 = errors;
if(errors === _errs150){
if(data47 && typeof data47 == "object" && !Array.isArray(data47)){
let missing5;
if((data47.dir === undefined) && (missing5 = "dir")){
const err92 = {};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
else {
const _errs152 = errors;
for(const key14 in data47){
if(!((key14 === "dir") || (key14 === "fallback"))){
const err93 = {};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
break;
}
}
if(_errs152 === errors){
if(data47.dir !== undefined){
let data48 = data47.dir;
const _errs153 = errors;
if(errors === _errs153){
if(typeof data48 === "string"){
if(!pattern2.test(data48)){
const err94 = {};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
}
else {
const err95 = {};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
var valid29 = _errs153 === errors;
}
else {
var valid29 = true;
}
if(valid29){
if(data47.fallback !== undefined){
let data49 = data47.fallback;
const _errs155 = errors;
if(errors === _errs155){
if(typeof data49 === "string"){
if(!pattern2.test(data49)){
const err96 = {};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
else {
const err97 = {};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
var valid29 = _errs155 === errors;
}
else {
var valid29 = true;
}
}
}
}
}
else {
const err98 = {};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
var _valid8 = _errs150 === errors;
valid28 = valid28 || _valid8;
}
if(!valid28){
const err99 = {};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
validate10.errors = vErrors;
return false;
}
else {
errors = _errs147;
if(vErrors !== null){
if(_errs147){
vErrors.length = _errs147;
}
else {
vErrors = null;
}
}
}
var valid3 = _errs146 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid2 = _errs11 === errors;
if(!valid2){
break;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.resources !== undefined){
let data50 = data.resources;
const _errs157 = errors;
if(errors === _errs157){
if(data50 && typeof data50 == "object" && !Array.isArray(data50)){
for(const key15 in data50){
const _errs159 = errors;
if(errors === _errs159){
if(typeof key15 === "string"){
if(!pattern0.test(key15)){
const err100 = {};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
}
else {
const err101 = {};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
var valid30 = _errs159 === errors;
if(!valid30){
const err102 = {};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
validate10.errors = vErrors;
return false;
break;
}
}
if(valid30){
for(const key16 in data50){
let data51 = data50[key16];
const _errs162 = errors;
if(errors === _errs162){
if(data51 && typeof data51 == "object" && !Array.isArray(data51)){
let missing6;
if(((data51.type === undefined) && (missing6 = "type")) || ((data51.version === undefined) && (missing6 = "version"))){
validate10.errors = [];
return false;
}
else {
const _errs164 = errors;
for(const key17 in data51){
if(!((((key17 === "type") || (key17 === "version")) || (key17 === "storage")) || (key17 === "external"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs164 === errors){
if(data51.type !== undefined){
let data52 = data51.type;
const _errs165 = errors;
if(typeof data52 !== "string"){
validate10.errors = [];
return false;
}
if(!((data52 === "postgres") || (data52 === "redis"))){
validate10.errors = [];
return false;
}
var valid32 = _errs165 === errors;
}
else {
var valid32 = true;
}
if(valid32){
if(data51.version !== undefined){
let data53 = data51.version;
const _errs167 = errors;
if(!(((typeof data53 == "number") && (!(data53 % 1) && !isNaN(data53))) && (isFinite(data53)))){
validate10.errors = [];
return false;
}
if(errors === _errs167){
if((typeof data53 == "number") && (isFinite(data53))){
if(data53 > 1000 || isNaN(data53)){
validate10.errors = [];
return false;
}
else {
if(data53 < 1 || isNaN(data53)){
validate10.errors = [];
return false;
}
}
}
}
var valid32 = _errs167 === errors;
}
else {
var valid32 = true;
}
if(valid32){
if(data51.storage !== undefined){
let data54 = data51.storage;
const _errs169 = errors;
if(errors === _errs169){
if(typeof data54 === "string"){
if(!pattern18.test(data54)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid32 = _errs169 === errors;
}
else {
var valid32 = true;
}
if(valid32){
if(data51.external !== undefined){
let data55 = data51.external;
const _errs171 = errors;
if(errors === _errs171){
if(typeof data55 === "string"){
if(!pattern6.test(data55)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid32 = _errs171 === errors;
}
else {
var valid32 = true;
}
}
}
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid31 = _errs162 === errors;
if(!valid31){
break;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid0 = _errs157 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.smoke !== undefined){
let data56 = data.smoke;
const _errs173 = errors;
if(errors === _errs173){
if(Array.isArray(data56)){
var valid33 = true;
const len6 = data56.length;
for(let i6=0; i6<len6; i6++){
let data57 = data56[i6];
const _errs175 = errors;
if(errors === _errs175){
if(data57 && typeof data57 == "object" && !Array.isArray(data57)){
const _errs177 = errors;
for(const key18 in data57){
if(!((((((((key18 === "get") || (key18 === "post")) || (key18 === "put")) || (key18 === "patch")) || (key18 === "delete")) || (key18 === "headers")) || (key18 === "body")) || (key18 === "expect"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs177 === errors){
if(data57.get !== undefined){
let data58 = data57.get;
const _errs178 = errors;
if(errors === _errs178){
if(typeof data58 === "string"){
if(!pattern12.test(data58)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs178 === errors;
}
else {
var valid34 = true;
}
if(valid34){
if(data57.post !== undefined){
let data59 = data57.post;
const _errs180 = errors;
if(errors === _errs180){
if(typeof data59 === "string"){
if(!pattern12.test(data59)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs180 === errors;
}
else {
var valid34 = true;
}
if(valid34){
if(data57.put !== undefined){
let data60 = data57.put;
const _errs182 = errors;
if(errors === _errs182){
if(typeof data60 === "string"){
if(!pattern12.test(data60)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs182 === errors;
}
else {
var valid34 = true;
}
if(valid34){
if(data57.patch !== undefined){
let data61 = data57.patch;
const _errs184 = errors;
if(errors === _errs184){
if(typeof data61 === "string"){
if(!pattern12.test(data61)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs184 === errors;
}
else {
var valid34 = true;
}
if(valid34){
if(data57.delete !== undefined){
let data62 = data57.delete;
const _errs186 = errors;
if(errors === _errs186){
if(typeof data62 === "string"){
if(!pattern12.test(data62)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs186 === errors;
}
else {
var valid34 = true;
}
if(valid34){
if(data57.headers !== undefined){
let data63 = data57.headers;
const _errs188 = errors;
if(errors === _errs188){
if(data63 && typeof data63 == "object" && !Array.isArray(data63)){
for(const key19 in data63){
const _errs190 = errors;
if(errors === _errs190){
if(typeof key19 === "string"){
if(!pattern36.test(key19)){
const err103 = {};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
else {
const err104 = {};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
}
var valid35 = _errs190 === errors;
if(!valid35){
const err105 = {};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
validate10.errors = vErrors;
return false;
break;
}
}
if(valid35){
for(const key20 in data63){
let data64 = data63[key20];
const _errs193 = errors;
if(((typeof data64 !== "string") && (!((typeof data64 == "number") && (isFinite(data64))))) && (typeof data64 !== "boolean")){
validate10.errors = [];
return false;
}
var valid36 = _errs193 === errors;
if(!valid36){
break;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs188 === errors;
}
else {
var valid34 = true;
}
if(valid34){
if(data57.expect !== undefined){
let data65 = data57.expect;
const _errs195 = errors;
if(errors === _errs195){
if(data65 && typeof data65 == "object" && !Array.isArray(data65)){
const _errs197 = errors;
for(const key21 in data65){
if(!(((key21 === "status") || (key21 === "json")) || (key21 === "contains"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs197 === errors){
if(data65.status !== undefined){
let data66 = data65.status;
const _errs198 = errors;
if(!(((typeof data66 == "number") && (!(data66 % 1) && !isNaN(data66))) && (isFinite(data66)))){
validate10.errors = [];
return false;
}
if(errors === _errs198){
if((typeof data66 == "number") && (isFinite(data66))){
if(data66 > 599 || isNaN(data66)){
validate10.errors = [];
return false;
}
else {
if(data66 < 100 || isNaN(data66)){
validate10.errors = [];
return false;
}
}
}
}
var valid37 = _errs198 === errors;
}
else {
var valid37 = true;
}
if(valid37){
if(data65.contains !== undefined){
let data67 = data65.contains;
const _errs200 = errors;
if(errors === _errs200){
if(typeof data67 === "string"){
if(!pattern2.test(data67)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid37 = _errs200 === errors;
}
else {
var valid37 = true;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid34 = _errs195 === errors;
}
else {
var valid34 = true;
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid33 = _errs175 === errors;
if(!valid33){
break;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid0 = _errs173 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.release !== undefined){
let data68 = data.release;
const _errs202 = errors;
if(errors === _errs202){
if(data68 && typeof data68 == "object" && !Array.isArray(data68)){
const _errs204 = errors;
for(const key22 in data68){
if(!((((((((key22 === "strategy") || (key22 === "canary")) || (key22 === "bake")) || (key22 === "drain")) || (key22 === "grace")) || (key22 === "budget")) || (key22 === "keep")) || (key22 === "gates"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs204 === errors){
if(data68.strategy !== undefined){
let data69 = data68.strategy;
const _errs205 = errors;
if(typeof data69 !== "string"){
validate10.errors = [];
return false;
}
if(!(((data69 === "blue-green") || (data69 === "rolling")) || (data69 === "recreate"))){
validate10.errors = [];
return false;
}
var valid38 = _errs205 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.canary !== undefined){
let data70 = data68.canary;
const _errs207 = errors;
if(errors === _errs207){
if(data70 && typeof data70 == "object" && !Array.isArray(data70)){
const _errs209 = errors;
for(const key23 in data70){
if(!((key23 === "share") || (key23 === "duration"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs209 === errors){
if(data70.share !== undefined){
let data71 = data70.share;
const _errs210 = errors;
if(errors === _errs210){
if((typeof data71 == "number") && (isFinite(data71))){
if(data71 > 100 || isNaN(data71)){
validate10.errors = [];
return false;
}
else {
if(data71 < 0 || isNaN(data71)){
validate10.errors = [];
return false;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid39 = _errs210 === errors;
}
else {
var valid39 = true;
}
if(valid39){
if(data70.duration !== undefined){
let data72 = data70.duration;
const _errs212 = errors;
if(errors === _errs212){
if(typeof data72 === "string"){
if(!pattern14.test(data72)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid39 = _errs212 === errors;
}
else {
var valid39 = true;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid38 = _errs207 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.bake !== undefined){
let data73 = data68.bake;
const _errs214 = errors;
if(errors === _errs214){
if(typeof data73 === "string"){
if(!pattern14.test(data73)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid38 = _errs214 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.drain !== undefined){
let data74 = data68.drain;
const _errs216 = errors;
if(errors === _errs216){
if(typeof data74 === "string"){
if(!pattern14.test(data74)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid38 = _errs216 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.grace !== undefined){
let data75 = data68.grace;
const _errs218 = errors;
if(errors === _errs218){
if(typeof data75 === "string"){
if(!pattern14.test(data75)){
validate10.errors = [];
return false;
}
}
else {
validate10.errors = [];
return false;
}
}
var valid38 = _errs218 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.budget !== undefined){
let data76 = data68.budget;
const _errs220 = errors;
if(!(((typeof data76 == "number") && (!(data76 % 1) && !isNaN(data76))) && (isFinite(data76)))){
validate10.errors = [];
return false;
}
if(errors === _errs220){
if((typeof data76 == "number") && (isFinite(data76))){
if(data76 > 1000000 || isNaN(data76)){
validate10.errors = [];
return false;
}
else {
if(data76 < 0 || isNaN(data76)){
validate10.errors = [];
return false;
}
}
}
}
var valid38 = _errs220 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.keep !== undefined){
let data77 = data68.keep;
const _errs222 = errors;
if(!(((typeof data77 == "number") && (!(data77 % 1) && !isNaN(data77))) && (isFinite(data77)))){
validate10.errors = [];
return false;
}
if(errors === _errs222){
if((typeof data77 == "number") && (isFinite(data77))){
if(data77 > 100 || isNaN(data77)){
validate10.errors = [];
return false;
}
else {
if(data77 < 1 || isNaN(data77)){
validate10.errors = [];
return false;
}
}
}
}
var valid38 = _errs222 === errors;
}
else {
var valid38 = true;
}
if(valid38){
if(data68.gates !== undefined){
let data78 = data68.gates;
const _errs224 = errors;
if(errors === _errs224){
if(data78 && typeof data78 == "object" && !Array.isArray(data78)){
const _errs226 = errors;
for(const key24 in data78){
if(!((key24 === "errorRate") || (key24 === "latencyFactor"))){
validate10.errors = [];
return false;
break;
}
}
if(_errs226 === errors){
if(data78.errorRate !== undefined){
let data79 = data78.errorRate;
const _errs227 = errors;
if(errors === _errs227){
if((typeof data79 == "number") && (isFinite(data79))){
if(data79 > 100 || isNaN(data79)){
validate10.errors = [];
return false;
}
else {
if(data79 < 0 || isNaN(data79)){
validate10.errors = [];
return false;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid40 = _errs227 === errors;
}
else {
var valid40 = true;
}
if(valid40){
if(data78.latencyFactor !== undefined){
let data80 = data78.latencyFactor;
const _errs229 = errors;
if(errors === _errs229){
if((typeof data80 == "number") && (isFinite(data80))){
if(data80 > 100 || isNaN(data80)){
validate10.errors = [];
return false;
}
else {
if(data80 < 1 || isNaN(data80)){
validate10.errors = [];
return false;
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid40 = _errs229 === errors;
}
else {
var valid40 = true;
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid38 = _errs224 === errors;
}
else {
var valid38 = true;
}
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
var valid0 = _errs202 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}

export const validateEnvironment = validate11;
const schema12 = {"type":"object","properties":{"target":{"type":"string","pattern":"\\S"},"domain":{"type":"string","pattern":"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"},"registry":{"type":"string","pattern":"\\S"},"size":{"type":"string","enum":["small","standard"]},"egress":{"type":"string","enum":["none","internet"]},"monitoring":{"type":"object","properties":{"retention":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"dashboard":{"type":"boolean"}},"additionalProperties":false},"alerts":{"type":"object","properties":{"email":{"type":"string","pattern":"\\S"},"webhook":{"type":"string","pattern":"\\S"}},"additionalProperties":false},"release":{"type":"object","properties":{"strategy":{"type":"string","enum":["blue-green","rolling","recreate"]},"canary":{"type":"object","properties":{"share":{"type":"number","minimum":0,"maximum":100},"duration":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"}},"additionalProperties":false},"bake":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"drain":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"grace":{"type":"string","pattern":"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"},"budget":{"type":"integer","minimum":0,"maximum":1000000},"keep":{"type":"integer","minimum":1,"maximum":100},"gates":{"type":"object","properties":{"errorRate":{"type":"number","minimum":0,"maximum":100},"latencyFactor":{"type":"number","minimum":1,"maximum":100}},"additionalProperties":false}},"additionalProperties":false},"services":{"type":"object","propertyNames":{"type":"string","pattern":"^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$"},"additionalProperties":{"type":"object","properties":{"limits":{"type":"object","properties":{"cpu":{"type":"number","minimum":0.01,"maximum":256},"memory":{"type":"string","pattern":"^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$"}},"additionalProperties":false},"scale":{"type":"object","properties":{"min":{"type":"integer","minimum":1,"maximum":1000},"max":{"type":"integer","minimum":1,"maximum":1000},"cpu":{"type":"number","minimum":1,"maximum":100},"concurrency":{"type":"integer","minimum":1,"maximum":100000}},"additionalProperties":false},"replicas":{"type":"integer","minimum":1,"maximum":1000},"variables":{"type":"object","propertyNames":{"type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$"},"additionalProperties":{"type":["string","number","boolean"]}}},"additionalProperties":false}},"resources":{"type":"object","propertyNames":{"type":"string","pattern":"^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$"},"additionalProperties":{"type":"object","properties":{"storage":{"type":"string","pattern":"^[1-9][0-9]{0,8}(Ki|Mi|Gi|Ti)$"},"external":{"type":"string","pattern":"^[A-Za-z_][A-Za-z0-9_]*$"}},"additionalProperties":false}},"patches":{"type":"array","items":{"type":"object","properties":{"file":{"type":"string","pattern":"\\S"},"path":{"type":"string","pattern":"\\S"},"value":{},"reason":{"type":"string","pattern":"\\S"}},"required":["file","path","reason"],"additionalProperties":false}}},"required":["target"],"additionalProperties":{}};
const pattern43 = new RegExp("^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", "u");

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((data.target === undefined) && (missing0 = "target")){
validate11.errors = [];
return false;
}
else {
if(data.target !== undefined){
let data0 = data.target;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(!pattern2.test(data0)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.domain !== undefined){
let data1 = data.domain;
const _errs4 = errors;
if(errors === _errs4){
if(typeof data1 === "string"){
if(!pattern43.test(data1)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.registry !== undefined){
let data2 = data.registry;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(!pattern2.test(data2)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.size !== undefined){
let data3 = data.size;
const _errs8 = errors;
if(typeof data3 !== "string"){
validate11.errors = [];
return false;
}
if(!((data3 === "small") || (data3 === "standard"))){
validate11.errors = [];
return false;
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.egress !== undefined){
let data4 = data.egress;
const _errs10 = errors;
if(typeof data4 !== "string"){
validate11.errors = [];
return false;
}
if(!((data4 === "none") || (data4 === "internet"))){
validate11.errors = [];
return false;
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.monitoring !== undefined){
let data5 = data.monitoring;
const _errs12 = errors;
if(errors === _errs12){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
const _errs14 = errors;
for(const key0 in data5){
if(!((key0 === "retention") || (key0 === "dashboard"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs14 === errors){
if(data5.retention !== undefined){
let data6 = data5.retention;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(!pattern14.test(data6)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data5.dashboard !== undefined){
const _errs17 = errors;
if(typeof data5.dashboard !== "boolean"){
validate11.errors = [];
return false;
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.alerts !== undefined){
let data8 = data.alerts;
const _errs19 = errors;
if(errors === _errs19){
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
const _errs21 = errors;
for(const key1 in data8){
if(!((key1 === "email") || (key1 === "webhook"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs21 === errors){
if(data8.email !== undefined){
let data9 = data8.email;
const _errs22 = errors;
if(errors === _errs22){
if(typeof data9 === "string"){
if(!pattern2.test(data9)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid2 = _errs22 === errors;
}
else {
var valid2 = true;
}
if(valid2){
if(data8.webhook !== undefined){
let data10 = data8.webhook;
const _errs24 = errors;
if(errors === _errs24){
if(typeof data10 === "string"){
if(!pattern2.test(data10)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid2 = _errs24 === errors;
}
else {
var valid2 = true;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs19 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.release !== undefined){
let data11 = data.release;
const _errs26 = errors;
if(errors === _errs26){
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
const _errs28 = errors;
for(const key2 in data11){
if(!((((((((key2 === "strategy") || (key2 === "canary")) || (key2 === "bake")) || (key2 === "drain")) || (key2 === "grace")) || (key2 === "budget")) || (key2 === "keep")) || (key2 === "gates"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs28 === errors){
if(data11.strategy !== undefined){
let data12 = data11.strategy;
const _errs29 = errors;
if(typeof data12 !== "string"){
validate11.errors = [];
return false;
}
if(!(((data12 === "blue-green") || (data12 === "rolling")) || (data12 === "recreate"))){
validate11.errors = [];
return false;
}
var valid3 = _errs29 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.canary !== undefined){
let data13 = data11.canary;
const _errs31 = errors;
if(errors === _errs31){
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
const _errs33 = errors;
for(const key3 in data13){
if(!((key3 === "share") || (key3 === "duration"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs33 === errors){
if(data13.share !== undefined){
let data14 = data13.share;
const _errs34 = errors;
if(errors === _errs34){
if((typeof data14 == "number") && (isFinite(data14))){
if(data14 > 100 || isNaN(data14)){
validate11.errors = [];
return false;
}
else {
if(data14 < 0 || isNaN(data14)){
validate11.errors = [];
return false;
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid4 = _errs34 === errors;
}
else {
var valid4 = true;
}
if(valid4){
if(data13.duration !== undefined){
let data15 = data13.duration;
const _errs36 = errors;
if(errors === _errs36){
if(typeof data15 === "string"){
if(!pattern14.test(data15)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid4 = _errs36 === errors;
}
else {
var valid4 = true;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid3 = _errs31 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.bake !== undefined){
let data16 = data11.bake;
const _errs38 = errors;
if(errors === _errs38){
if(typeof data16 === "string"){
if(!pattern14.test(data16)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid3 = _errs38 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.drain !== undefined){
let data17 = data11.drain;
const _errs40 = errors;
if(errors === _errs40){
if(typeof data17 === "string"){
if(!pattern14.test(data17)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid3 = _errs40 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.grace !== undefined){
let data18 = data11.grace;
const _errs42 = errors;
if(errors === _errs42){
if(typeof data18 === "string"){
if(!pattern14.test(data18)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid3 = _errs42 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.budget !== undefined){
let data19 = data11.budget;
const _errs44 = errors;
if(!(((typeof data19 == "number") && (!(data19 % 1) && !isNaN(data19))) && (isFinite(data19)))){
validate11.errors = [];
return false;
}
if(errors === _errs44){
if((typeof data19 == "number") && (isFinite(data19))){
if(data19 > 1000000 || isNaN(data19)){
validate11.errors = [];
return false;
}
else {
if(data19 < 0 || isNaN(data19)){
validate11.errors = [];
return false;
}
}
}
}
var valid3 = _errs44 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.keep !== undefined){
let data20 = data11.keep;
const _errs46 = errors;
if(!(((typeof data20 == "number") && (!(data20 % 1) && !isNaN(data20))) && (isFinite(data20)))){
validate11.errors = [];
return false;
}
if(errors === _errs46){
if((typeof data20 == "number") && (isFinite(data20))){
if(data20 > 100 || isNaN(data20)){
validate11.errors = [];
return false;
}
else {
if(data20 < 1 || isNaN(data20)){
validate11.errors = [];
return false;
}
}
}
}
var valid3 = _errs46 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data11.gates !== undefined){
let data21 = data11.gates;
const _errs48 = errors;
if(errors === _errs48){
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
const _errs50 = errors;
for(const key4 in data21){
if(!((key4 === "errorRate") || (key4 === "latencyFactor"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs50 === errors){
if(data21.errorRate !== undefined){
let data22 = data21.errorRate;
const _errs51 = errors;
if(errors === _errs51){
if((typeof data22 == "number") && (isFinite(data22))){
if(data22 > 100 || isNaN(data22)){
validate11.errors = [];
return false;
}
else {
if(data22 < 0 || isNaN(data22)){
validate11.errors = [];
return false;
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid5 = _errs51 === errors;
}
else {
var valid5 = true;
}
if(valid5){
if(data21.latencyFactor !== undefined){
let data23 = data21.latencyFactor;
const _errs53 = errors;
if(errors === _errs53){
if((typeof data23 == "number") && (isFinite(data23))){
if(data23 > 100 || isNaN(data23)){
validate11.errors = [];
return false;
}
else {
if(data23 < 1 || isNaN(data23)){
validate11.errors = [];
return false;
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid5 = _errs53 === errors;
}
else {
var valid5 = true;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid3 = _errs48 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
}
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs26 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.services !== undefined){
let data24 = data.services;
const _errs55 = errors;
if(errors === _errs55){
if(data24 && typeof data24 == "object" && !Array.isArray(data24)){
for(const key5 in data24){
const _errs57 = errors;
if(errors === _errs57){
if(typeof key5 === "string"){
if(!pattern0.test(key5)){
const err0 = {};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
else {
const err1 = {};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
var valid6 = _errs57 === errors;
if(!valid6){
const err2 = {};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
validate11.errors = vErrors;
return false;
break;
}
}
if(valid6){
for(const key6 in data24){
let data25 = data24[key6];
const _errs60 = errors;
if(errors === _errs60){
if(data25 && typeof data25 == "object" && !Array.isArray(data25)){
const _errs62 = errors;
for(const key7 in data25){
if(!((((key7 === "limits") || (key7 === "scale")) || (key7 === "replicas")) || (key7 === "variables"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs62 === errors){
if(data25.limits !== undefined){
let data26 = data25.limits;
const _errs63 = errors;
if(errors === _errs63){
if(data26 && typeof data26 == "object" && !Array.isArray(data26)){
const _errs65 = errors;
for(const key8 in data26){
if(!((key8 === "cpu") || (key8 === "memory"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs65 === errors){
if(data26.cpu !== undefined){
let data27 = data26.cpu;
const _errs66 = errors;
if(errors === _errs66){
if((typeof data27 == "number") && (isFinite(data27))){
if(data27 > 256 || isNaN(data27)){
validate11.errors = [];
return false;
}
else {
if(data27 < 0.01 || isNaN(data27)){
validate11.errors = [];
return false;
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid9 = _errs66 === errors;
}
else {
var valid9 = true;
}
if(valid9){
if(data26.memory !== undefined){
let data28 = data26.memory;
const _errs68 = errors;
if(errors === _errs68){
if(typeof data28 === "string"){
if(!pattern18.test(data28)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid9 = _errs68 === errors;
}
else {
var valid9 = true;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid8 = _errs63 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data25.scale !== undefined){
let data29 = data25.scale;
const _errs70 = errors;
if(errors === _errs70){
if(data29 && typeof data29 == "object" && !Array.isArray(data29)){
const _errs72 = errors;
for(const key9 in data29){
if(!((((key9 === "min") || (key9 === "max")) || (key9 === "cpu")) || (key9 === "concurrency"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs72 === errors){
if(data29.min !== undefined){
let data30 = data29.min;
const _errs73 = errors;
if(!(((typeof data30 == "number") && (!(data30 % 1) && !isNaN(data30))) && (isFinite(data30)))){
validate11.errors = [];
return false;
}
if(errors === _errs73){
if((typeof data30 == "number") && (isFinite(data30))){
if(data30 > 1000 || isNaN(data30)){
validate11.errors = [];
return false;
}
else {
if(data30 < 1 || isNaN(data30)){
validate11.errors = [];
return false;
}
}
}
}
var valid10 = _errs73 === errors;
}
else {
var valid10 = true;
}
if(valid10){
if(data29.max !== undefined){
let data31 = data29.max;
const _errs75 = errors;
if(!(((typeof data31 == "number") && (!(data31 % 1) && !isNaN(data31))) && (isFinite(data31)))){
validate11.errors = [];
return false;
}
if(errors === _errs75){
if((typeof data31 == "number") && (isFinite(data31))){
if(data31 > 1000 || isNaN(data31)){
validate11.errors = [];
return false;
}
else {
if(data31 < 1 || isNaN(data31)){
validate11.errors = [];
return false;
}
}
}
}
var valid10 = _errs75 === errors;
}
else {
var valid10 = true;
}
if(valid10){
if(data29.cpu !== undefined){
let data32 = data29.cpu;
const _errs77 = errors;
if(errors === _errs77){
if((typeof data32 == "number") && (isFinite(data32))){
if(data32 > 100 || isNaN(data32)){
validate11.errors = [];
return false;
}
else {
if(data32 < 1 || isNaN(data32)){
validate11.errors = [];
return false;
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid10 = _errs77 === errors;
}
else {
var valid10 = true;
}
if(valid10){
if(data29.concurrency !== undefined){
let data33 = data29.concurrency;
const _errs79 = errors;
if(!(((typeof data33 == "number") && (!(data33 % 1) && !isNaN(data33))) && (isFinite(data33)))){
validate11.errors = [];
return false;
}
if(errors === _errs79){
if((typeof data33 == "number") && (isFinite(data33))){
if(data33 > 100000 || isNaN(data33)){
validate11.errors = [];
return false;
}
else {
if(data33 < 1 || isNaN(data33)){
validate11.errors = [];
return false;
}
}
}
}
var valid10 = _errs79 === errors;
}
else {
var valid10 = true;
}
}
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid8 = _errs70 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data25.replicas !== undefined){
let data34 = data25.replicas;
const _errs81 = errors;
if(!(((typeof data34 == "number") && (!(data34 % 1) && !isNaN(data34))) && (isFinite(data34)))){
validate11.errors = [];
return false;
}
if(errors === _errs81){
if((typeof data34 == "number") && (isFinite(data34))){
if(data34 > 1000 || isNaN(data34)){
validate11.errors = [];
return false;
}
else {
if(data34 < 1 || isNaN(data34)){
validate11.errors = [];
return false;
}
}
}
}
var valid8 = _errs81 === errors;
}
else {
var valid8 = true;
}
if(valid8){
if(data25.variables !== undefined){
let data35 = data25.variables;
const _errs83 = errors;
if(errors === _errs83){
if(data35 && typeof data35 == "object" && !Array.isArray(data35)){
for(const key10 in data35){
const _errs85 = errors;
if(errors === _errs85){
if(typeof key10 === "string"){
if(!pattern6.test(key10)){
const err3 = {};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
else {
const err4 = {};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
var valid11 = _errs85 === errors;
if(!valid11){
const err5 = {};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
validate11.errors = vErrors;
return false;
break;
}
}
if(valid11){
for(const key11 in data35){
let data36 = data35[key11];
const _errs88 = errors;
if(((typeof data36 !== "string") && (!((typeof data36 == "number") && (isFinite(data36))))) && (typeof data36 !== "boolean")){
validate11.errors = [];
return false;
}
var valid12 = _errs88 === errors;
if(!valid12){
break;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid8 = _errs83 === errors;
}
else {
var valid8 = true;
}
}
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid7 = _errs60 === errors;
if(!valid7){
break;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs55 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.resources !== undefined){
let data37 = data.resources;
const _errs90 = errors;
if(errors === _errs90){
if(data37 && typeof data37 == "object" && !Array.isArray(data37)){
for(const key12 in data37){
const _errs92 = errors;
if(errors === _errs92){
if(typeof key12 === "string"){
if(!pattern0.test(key12)){
const err6 = {};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
var valid13 = _errs92 === errors;
if(!valid13){
const err8 = {};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
validate11.errors = vErrors;
return false;
break;
}
}
if(valid13){
for(const key13 in data37){
let data38 = data37[key13];
const _errs95 = errors;
if(errors === _errs95){
if(data38 && typeof data38 == "object" && !Array.isArray(data38)){
const _errs97 = errors;
for(const key14 in data38){
if(!((key14 === "storage") || (key14 === "external"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs97 === errors){
if(data38.storage !== undefined){
let data39 = data38.storage;
const _errs98 = errors;
if(errors === _errs98){
if(typeof data39 === "string"){
if(!pattern18.test(data39)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid15 = _errs98 === errors;
}
else {
var valid15 = true;
}
if(valid15){
if(data38.external !== undefined){
let data40 = data38.external;
const _errs100 = errors;
if(errors === _errs100){
if(typeof data40 === "string"){
if(!pattern6.test(data40)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid15 = _errs100 === errors;
}
else {
var valid15 = true;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid14 = _errs95 === errors;
if(!valid14){
break;
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs90 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.patches !== undefined){
let data41 = data.patches;
const _errs102 = errors;
if(errors === _errs102){
if(Array.isArray(data41)){
var valid16 = true;
const len0 = data41.length;
for(let i0=0; i0<len0; i0++){
let data42 = data41[i0];
const _errs104 = errors;
if(errors === _errs104){
if(data42 && typeof data42 == "object" && !Array.isArray(data42)){
let missing1;
if((((data42.file === undefined) && (missing1 = "file")) || ((data42.path === undefined) && (missing1 = "path"))) || ((data42.reason === undefined) && (missing1 = "reason"))){
validate11.errors = [];
return false;
}
else {
const _errs106 = errors;
for(const key15 in data42){
if(!((((key15 === "file") || (key15 === "path")) || (key15 === "value")) || (key15 === "reason"))){
validate11.errors = [];
return false;
break;
}
}
if(_errs106 === errors){
if(data42.file !== undefined){
let data43 = data42.file;
const _errs107 = errors;
if(errors === _errs107){
if(typeof data43 === "string"){
if(!pattern2.test(data43)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid17 = _errs107 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data42.path !== undefined){
let data44 = data42.path;
const _errs109 = errors;
if(errors === _errs109){
if(typeof data44 === "string"){
if(!pattern2.test(data44)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid17 = _errs109 === errors;
}
else {
var valid17 = true;
}
if(valid17){
if(data42.reason !== undefined){
let data45 = data42.reason;
const _errs111 = errors;
if(errors === _errs111){
if(typeof data45 === "string"){
if(!pattern2.test(data45)){
validate11.errors = [];
return false;
}
}
else {
validate11.errors = [];
return false;
}
}
var valid17 = _errs111 === errors;
}
else {
var valid17 = true;
}
}
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid16 = _errs104 === errors;
if(!valid16){
break;
}
}
}
else {
validate11.errors = [];
return false;
}
}
var valid0 = _errs102 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate11.errors = [];
return false;
}
}
validate11.errors = vErrors;
return errors === 0;
}

